import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { addNode, forest } from './document.ts';
import { toSvg } from './formats/svg.ts';
import { picture } from './layout.ts';
import { typeOf, widthIn } from './size.ts';
import { formulasOf, typeset } from './typeset.ts';

const widthOf = (words: string, { font }: { font: number }) => widthIn(words) * font;

function mapOf(text: string) {
	const doc = new Y.Doc();
	addNode(doc, { parent: null, text });
	return forest(doc);
}

test('a formula is drawn between its words, and what cannot be read stays as it was written', async () => {
	const formulas = await formulasOf(mapOf(String.raw`面积 $\frac{1}{2}ah$ 和 $\frac{1$`), widthOf);
	const set = typeset(String.raw`面积 $\frac{1}{2}ah$ 和 $\frac{1$`, typeOf(1), formulas, { width: 400, left: 10, middle: 0 });
	expect(set.map((each) => ('path' in each ? 'path' : each.words))).toEqual(['面积 ', 'path', String.raw` 和 $\frac{1$`]);
	const [before, formula, behind] = set as [{ x: number; words: string }, { path: string }, { x: number }];
	const places = [...formula.path.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x]) => Number(x));
	expect(Math.min(...places)).toBeGreaterThan(before.x + widthIn(before.words) * 16 - 2);
	expect(Math.max(...places)).toBeLessThan(behind.x + 2);
});

test('a text with formulas that is too long for a line goes on in the next', async () => {
	const text = `${'长'.repeat(12)}$a+b$${'长'.repeat(12)}`;
	const formulas = await formulasOf(mapOf(text), widthOf);
	const set = typeset(text, typeOf(1), formulas, { width: 250, left: 0, middle: 0 });
	const bases = set.flatMap((each) => ('path' in each ? [] : [each.base]));
	expect(bases[0]).toBeLessThan(0);
	expect(bases.at(-1)).toBeGreaterThan(0);
});

test('the SVG of a map has its formulas as shapes, without their TeX', async () => {
	const shown = mapOf(String.raw`$\sqrt{2}$ 是多少`);
	const painting = {
		shown,
		picture: picture(shown),
		palette: new Map(),
		font: 'sans-serif',
		colorOf: () => '',
		tintOf: () => null
	};
	const svg = toSvg('根号', { ...painting, formulas: await formulasOf(shown, widthOf) }, new Map());
	expect(svg).not.toContain('sqrt');
	expect(svg).toMatch(/<path d="M[-\d. ]+[QL]/);
	expect(svg).toContain('是多少</text>');
});
