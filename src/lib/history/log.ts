import { createDecoder, hasContent, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';

/** One accepted update of a document, as the log keeps it. */
export interface LogEntry {
	readonly seq: number;
	readonly personId: string;
	/** When it was accepted, in milliseconds. */
	readonly at: number;
	/** Characters, as the statements about the document count them. */
	readonly inserted: number;
	readonly deletedOwn: number;
	readonly deletedOthers: number;
	readonly update: Uint8Array;
}

/** A page of a log: the people in it, then every entry by the place of its person among them. */
export function encodeLog(entries: readonly LogEntry[]): Uint8Array {
	const people = [...new Set(entries.map(({ personId }) => personId))];
	const places = new Map(people.map((personId, place) => [personId, place]));
	const encoder = createEncoder();
	writeVarUint(encoder, people.length);
	for (const personId of people) writeVarString(encoder, personId);
	for (const { seq, personId, at, inserted, deletedOwn, deletedOthers, update } of entries) {
		for (const number of [seq, places.get(personId) ?? 0, at, inserted, deletedOwn, deletedOthers]) writeVarUint(encoder, number);
		writeVarUint8Array(encoder, update);
	}
	return toUint8Array(encoder);
}

/** Reads what `encodeLog` wrote. */
export function decodeLog(page: Uint8Array): LogEntry[] {
	const decoder = createDecoder(page);
	const people = Array.from({ length: readVarUint(decoder) }, () => readVarString(decoder));
	const entries: LogEntry[] = [];
	while (hasContent(decoder)) {
		const seq = readVarUint(decoder);
		const personId = people[readVarUint(decoder)] ?? '';
		const [at, inserted, deletedOwn, deletedOthers] = Array.from({ length: 4 }, () => readVarUint(decoder)) as [
			number,
			number,
			number,
			number
		];
		entries.push({ seq, personId, at, inserted, deletedOwn, deletedOthers, update: readVarUint8Array(decoder) });
	}
	return entries;
}
