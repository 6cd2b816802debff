import { expect, test } from 'vitest';
import { shapeOf } from '#lib/ui/formula/shape.ts';
import { outlineOf, contoursOf } from './truetype.ts';

const noSigns = () => [];
const known = [
	'a^2+b^2=c^2',
	String.raw`\frac{-b\pm\sqrt{b^2-4ac}}{2a}`,
	String.raw`\sum_{i=1}^{n} i=\frac{n(n+1)}{2}`,
	String.raw`\int_0^1 x^2\,\mathrm dx`,
	String.raw`\begin{pmatrix}1&2\\3&4\end{pmatrix}`,
	String.raw`\begin{cases}x+y=1\\x-y=3\end{cases}`,
	String.raw`\left(\frac{\frac{1}{2}}{\frac{3}{4}}\right)^{10}`,
	String.raw`\overbrace{a+\cdots+a}^{n}`,
	String.raw`\sqrt[3]{\frac{x}{y}}`,
	String.raw`\overrightarrow{AB}\perp\vec a`,
	String.raw`\angle ABC=90^\circ,\ \triangle ABC\sim\triangle DEF`,
	String.raw`\ce{2H2 + O2 ->[点燃] 2H2O}`,
	String.raw`\boxed{x=\cancel{5}}`,
	String.raw`\mathbb{R}\subseteq\mathcal{F},\ \mathfrak{g}`,
	String.raw`\xrightarrow{\text{加热}}`,
	String.raw`\begin{array}{c|c}1&2\\\hline 3&4\end{array}`
];

for (const latex of known)
	test(`${latex} is drawn, within what it says it takes`, () => {
		const shape = shapeOf(latex, true);
		expect(shape).not.toBeNull();
		const points = (shape?.contours(noSigns) ?? []).flat();
		expect(points.length).toBeGreaterThan(10);
		for (const { x, y } of points) {
			expect(x).toBeGreaterThan(-150);
			expect(x).toBeLessThan((shape?.width ?? 0) + 150);
			expect(y).toBeGreaterThan(-(shape?.descent ?? 0) - 150);
			expect(y).toBeLessThan((shape?.ascent ?? 0) + 150);
		}
	});

test('signs that the library has no outline of are named', () => {
	expect(shapeOf(String.raw`\text{速度}=\frac{s}{t}`, false)?.signs).toBe('速度');
});

for (const latex of [
	String.raw`\bad{`,
	String.raw`\frac{`,
	String.raw`\href{javascript:alert(1)}{x}`,
	String.raw`\require{html}\style{a}{b}`,
	String.raw`\def\a{\a\a}\a`,
	'{'.repeat(20_000),
	String.raw`\rule{100000em}{100000em}`
])
	test(`${latex.slice(0, 40)} ends, and is not drawn`, () => {
		expect(shapeOf(latex, true)).toBeNull();
	});

test('an outline is read as it was written', () => {
	const contours = shapeOf('x', true)?.contours(noSigns) ?? [];
	const whole = contours.map((contour) => contour.map(({ x, y, on }) => ({ x: Math.round(x), y: Math.round(y), on })));
	expect(contoursOf(outlineOf(contours))).toEqual(whole);
});
