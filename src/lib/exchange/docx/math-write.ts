import { elements, escapeXml, wordsOf } from '#lib/maps/formats/xml.ts';
import type { Element } from '#lib/maps/formats/xml.ts';
import { mathOf } from './mathml.ts';

const many = new Set([...'∑∏∐∫∬∭∮⋃⋂⋁⋀⨁⨂']);
const braces = new Set([...'()[]{}|‖⌊⌋⌈⌉⟨⟩']);

/** A formula in LaTeX as an equation of Word; null when it cannot be read. */
export function equation(latex: string): string | null {
	const math = mathOf(latex);
	return math ? `<m:oMath>${write(math)}</m:oMath>` : null;
}

const run = (text: string, plain = false): string =>
	text === ''
		? ''
		: `<m:r>${plain ? '<m:rPr><m:nor/></m:rPr>' : ''}<w:rPr><w:rFonts w:ascii="Cambria Math" w:hAnsi="Cambria Math"/></w:rPr><m:t xml:space="preserve">${escapeXml(text)}</m:t></m:r>`;
const box = (name: string, inside: string): string => `<m:${name}>${inside}</m:${name}>`;
const value = (name: string, val: string): string => `<m:${name} m:val="${escapeXml(val)}"/>`;
const sign = (element: Element | undefined): string => (element?.name === 'mo' ? wordsOf(element).trim() : '');
/** A sign that stands alone, whatever boxes are around it. */
function signIn(element: Element | undefined): string {
	if (!element) return '';
	if (element.name === 'mo') return sign(element);
	const parts = elements(element);
	return ['mrow', 'mstyle', 'mpadded'].includes(element.name) && parts.length === 1 ? signIn(parts[0]) : '';
}

/** Elements in a row: fences take what is between them, sums what follows. */
function row(parts: readonly Element[]): string {
	const first = parts[0];
	const last = parts.at(-1);
	const fenced = (element: Element | undefined) =>
		element?.name === 'mo' && element.attributes.get('fence') === 'true' && (braces.has(sign(element)) || sign(element) === '');
	if (parts.length >= 2 && fenced(first) && fenced(last)) {
		const inside = row(parts.slice(1, -1));
		return box('d', box('dPr', value('begChr', sign(first)) + value('endChr', sign(last))) + box('e', inside));
	}
	let all = '';
	for (let at = 0; at < parts.length; at++) {
		const part = parts[at] as Element;
		const nary = naryOf(part);
		if (!nary) {
			all += write(part);
			continue;
		}
		// What is summed is all that follows up to the next sign that ends it.
		let to = at + 1;
		while (to < parts.length && !/^[=<>≤≥≠≈+−,;]$/u.test(sign(parts[to])) && !naryOf(parts[to] as Element)) to++;
		all += box('nary', nary + box('e', row(parts.slice(at + 1, to))));
		at = to - 1;
	}
	return all;
}

function naryOf(element: Element): string | null {
	const parts = elements(element);
	const big = ['msub', 'msup', 'msubsup', 'munder', 'mover', 'munderover'].includes(element.name)
		? signIn(parts[0])
		: signIn(element);
	if (!many.has(big)) return null;
	const at = element.name.includes('under') || element.name.includes('over') ? 'undOvr' : 'subSup';
	const has = { sub: /sub|under/.test(element.name), sup: /sup|over/.test(element.name) };
	const sup = has.sub && has.sup ? parts[2] : has.sup ? parts[1] : undefined;
	return (
		box(
			'naryPr',
			value('chr', big) + value('limLoc', at) + (has.sub ? '' : value('subHide', '1')) + (has.sup ? '' : value('supHide', '1'))
		) +
		box('sub', has.sub && parts[1] ? write(parts[1]) : '') +
		box('sup', sup ? write(sup) : '')
	);
}

function write(element: Element): string {
	const parts = elements(element);
	const part = (at: number) => (parts[at] ? write(parts[at]) : '');
	switch (element.name) {
		case 'mi': {
			// Names of functions stand upright.
			const name = wordsOf(element);
			return run(name, [...name].length > 1 && /^[a-z]+$/i.test(name));
		}
		case 'mn':
			return run(wordsOf(element));
		case 'mtext':
			return run(wordsOf(element), true);
		case 'mo':
			return run(wordsOf(element).replace(/[\u2061\u200b]/g, ''));
		case 'mspace':
			return run(' ', true);
		case 'mfrac': {
			const bare = element.attributes.get('linethickness') === '0px' ? box('fPr', value('type', 'noBar')) : '';
			return box('f', bare + box('num', part(0)) + box('den', part(1)));
		}
		case 'msqrt':
			return box('rad', box('radPr', value('degHide', '1')) + box('deg', '') + box('e', row(parts)));
		case 'mroot':
			return box('rad', box('deg', part(1)) + box('e', part(0)));
		case 'msup':
			return naryOf(element) ? row([element]) : box('sSup', box('e', part(0)) + box('sup', part(1)));
		case 'msub':
			return naryOf(element) ? row([element]) : box('sSub', box('e', part(0)) + box('sub', part(1)));
		case 'msubsup':
			return naryOf(element) ? row([element]) : box('sSubSup', box('e', part(0)) + box('sub', part(1)) + box('sup', part(2)));
		case 'mover': {
			if (naryOf(element)) return row([element]);
			const top = signIn(parts[1]);
			if (element.attributes.get('accent') === 'true' && top !== '')
				return /^[‾¯_]$/u.test(top)
					? box('bar', box('barPr', value('pos', 'top')) + box('e', part(0)))
					: box('acc', box('accPr', value('chr', top)) + box('e', part(0)));
			return box('limUpp', box('e', part(0)) + box('lim', part(1)));
		}
		case 'munder':
			return naryOf(element) ? row([element]) : box('limLow', box('e', part(0)) + box('lim', part(1)));
		case 'munderover':
			return naryOf(element)
				? row([element])
				: box('limUpp', box('e', box('limLow', box('e', part(0)) + box('lim', part(1)))) + box('lim', part(2)));
		case 'mtable': {
			const rows = parts.map((line) =>
				box(
					'mr',
					elements(line)
						.map((cell) => box('e', row(elements(cell))))
						.join('')
				)
			);
			return box('m', rows.join(''));
		}
		case 'annotation':
			return '';
		default:
			return row(parts);
	}
}
