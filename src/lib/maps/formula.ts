/** A piece of a node's text: words, or a formula in TeX between dollar signs. */
export interface Piece {
	readonly text: string;
	readonly formula: boolean;
}

/** A price is not a formula: within the dollars nothing begins or ends with a space, and no digit follows. */
const formulas = /\$\$([^$]{1,500})\$\$|\$(?!\s)([^$\n]{1,500}?)(?<!\s)\$(?!\d)/g;

export const hasFormula = (text: string): boolean => text.includes('$') && text.search(formulas) >= 0;

export function piecesOf(text: string): Piece[] {
	const pieces: Piece[] = [];
	let from = 0;
	for (const match of text.matchAll(formulas)) {
		if (match.index > from) pieces.push({ text: text.slice(from, match.index), formula: false });
		pieces.push({ text: match[1] ?? match[2] ?? '', formula: true });
		from = match.index + match[0].length;
	}
	if (from < text.length) pieces.push({ text: text.slice(from), formula: false });
	return pieces;
}
