import katex from 'katex';
// Equations of chemistry.
import 'katex/contrib/mhchem';
import { elements, parseXml, wordsOf } from '#lib/maps/formats/xml.ts';
import type { Element } from '#lib/maps/formats/xml.ts';

/** A formula as a tree of MathML; null when it cannot be read. */
export function mathOf(latex: string): Element | null {
	try {
		const shown = katex.renderToString(latex, {
			output: 'mathml',
			throwOnError: true,
			strict: 'ignore',
			maxSize: 20,
			maxExpand: 300
		});
		const math = /<math[\s\S]*<\/math>/.exec(shown)?.[0];
		const semantics = math && elements(parseXml(math))[0];
		return semantics ? (elements(semantics)[0] ?? null) : null;
	} catch {
		return null;
	}
}

const raised: Record<string, string> = Object.fromEntries(
	[...'0123456789+-=()niabcdefghjklmoprstuvwxyz'].map((sign, at) => [
		sign,
		[...'⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ'][at] ?? ''
	])
);
const lowered: Record<string, string> = Object.fromEntries(
	[...'0123456789+-=()aehijklmnoprstuvx'].map((sign, at) => [sign, [...'₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ'][at] ?? ''])
);
const inSigns = (text: string, signs: Record<string, string>): string | null => {
	const all = [...text.replaceAll('−', '-')].map((sign) => signs[sign]);
	return all.length > 0 && all.every(Boolean) ? all.join('') : null;
};
export const superscript = (text: string): string | null => inSigns(text, raised);
export const subscript = (text: string): string | null => inSigns(text, lowered);

const grouped = (text: string): string => (/^[\p{L}\p{N}.]*$/u.test(text) || /^[([{].*[)\]}]$/u.test(text) ? text : `(${text})`);

/** A formula in one line of signs, for where only words can stand: a² + b² = c². */
export function lineOf(element: Element): string {
	const parts = elements(element);
	const part = (at: number) => (parts[at] ? lineOf(parts[at]) : '');
	const over = (text: string) => superscript(text) ?? `^${grouped(text)}`;
	const under = (text: string) => subscript(text) ?? `_${grouped(text)}`;
	switch (element.name) {
		case 'mi':
		case 'mn':
		case 'mtext':
			return wordsOf(element);
		case 'mo': {
			const sign = wordsOf(element).trim();
			return /^[=<>≤≥≠≈→⇒∈±×÷+−∪∩]$/u.test(sign) ? ` ${sign} ` : sign;
		}
		case 'mfrac':
			return `${grouped(part(0))}/${grouped(part(1))}`;
		case 'msqrt':
			return `√${grouped(parts.map(lineOf).join(''))}`;
		case 'mroot':
			return `${superscript(part(1)) ?? part(1)}√${grouped(part(0))}`;
		case 'msup':
		case 'mover':
			return part(0) + over(part(1));
		case 'msub':
		case 'munder':
			return part(0) + under(part(1));
		case 'msubsup':
		case 'munderover':
			return part(0) + under(part(1)) + over(part(2));
		case 'mtable':
			return `[${parts.map((row) => elements(row).map(lineOf).join(', ')).join('; ')}]`;
		case 'mspace':
			return ' ';
		case 'annotation':
			return '';
		default:
			return parts.map(lineOf).join('');
	}
}

/** The same of LaTeX; what cannot be read stays as it was written. */
export function formulaLine(latex: string): string {
	const math = mathOf(latex);
	return math
		? lineOf(math)
				.replace(/\u2061/g, '')
				.replace(/\s+/g, ' ')
				.trim()
		: latex;
}
