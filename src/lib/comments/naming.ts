import type { Role } from '#lib/spaces/model.ts';

/** Somebody who can be named: a person who reads the document. */
export interface Nameable {
	id: string;
	name: string;
	/** What tells somebody from others of the same name: what they are, and where that is the same the end of their number. */
	role?: Role;
	tail?: string | null;
}

/** Those who can be named, with what tells namesakes apart. */
export function told(people: readonly { id: string; name: string; role: Role; tail: string | null }[]): Nameable[] {
	const names = Map.groupBy(people, ({ name }) => name);
	return people.map(({ id, name, role, tail }) => {
		const alike = names.get(name) ?? [];
		if (alike.length < 2) return { id, name };
		return { id, name, role, tail: alike.filter((other) => other.role === role).length > 1 ? tail : null };
	});
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

/** Whether a person is named: whoever was chosen; of what says only a name, whoever alone bears it. */
export function isNamed(
	{ text, named }: { text: string; named: readonly string[] | null },
	personId: string,
	people: readonly Nameable[]
): boolean {
	return named ? named.includes(personId) : meantIn(text, [], people).named.includes(personId);
}

/** Who is meant by the names in a text: of namesakes those who were chosen. Names that several bear without a choice are unclear. */
export function meantIn(
	text: string,
	chosen: readonly string[],
	people: readonly Nameable[]
): { named: string[]; unclear: string[] } {
	const names = new Set(piecesOf(text, people).flatMap(({ person }) => person?.name ?? []));
	const [named, unclear]: [string[], string[]] = [[], []];
	for (const name of names) {
		const alike = people.filter((person) => person.name === name).map(({ id }) => id);
		const meant = alike.length === 1 ? alike : alike.filter((id) => chosen.includes(id));
		named.push(...meant);
		if (meant.length === 0) unclear.push(name);
	}
	return { named, unclear };
}

/** The name that is begun before the caret: where its `@` stands, and what was typed of it; null when none is. */
export function begunName(text: string, caret: number): { at: number; typed: string } | null {
	const match = /@([^\s@]{0,20})$/.exec(text.slice(0, caret));
	return match ? { at: match.index, typed: match[1] ?? '' } : null;
}
