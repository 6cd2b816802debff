/** Somebody who can be named: a person who reads the document. */
export interface Nameable {
	id: string;
	name: string;
}

/** A piece of what was said; with the person whom it names. */
export interface Piece {
	text: string;
	person?: Nameable;
}

/**
 * What was said, with the names in it: `@` and the whole name of somebody who reads the document. Of names that begin
 * alike the longest is meant; other words behind an `@` are only words.
 */
export function piecesOf(text: string, people: readonly Nameable[]): Piece[] {
	const known = people.filter(({ name }) => name !== '').sort((one, other) => other.name.length - one.name.length);
	const pieces: Piece[] = [];
	let said = '';
	for (let at = 0; at < text.length;) {
		const person = text[at] === '@' ? known.find(({ name }) => text.startsWith(name, at + 1)) : undefined;
		if (!person) {
			said += text[at++];
			continue;
		}
		if (said) pieces.push({ text: said });
		said = '';
		pieces.push({ text: `@${person.name}`, person });
		at += person.name.length + 1;
	}
	if (said) pieces.push({ text: said });
	return pieces;
}

/** Whether a person is named in what was said. Who bears the same name is named too. */
export const isNamed = (text: string, personId: string, people: readonly Nameable[]): boolean => {
	const name = people.find(({ id }) => id === personId)?.name;
	return name !== undefined && piecesOf(text, people).some(({ person }) => person?.name === name);
};

/** The name that is begun before the caret: where its `@` stands, and what was typed of it; null when none is. */
export function begunName(text: string, caret: number): { at: number; typed: string } | null {
	const match = /@([^\s@]{0,20})$/.exec(text.slice(0, caret));
	return match ? { at: match.index, typed: match[1] ?? '' } : null;
}
