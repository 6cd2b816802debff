import { verbs } from '#lib/records/vocabulary.ts';
import type { Modality, RecordVerb } from '#lib/records/vocabulary.ts';
import type { Role } from '#lib/spaces/model.ts';

/** One act in a room as the analyses see it. Times are milliseconds since 1970; an instant ends when it starts. */
export interface RoomEvent {
	readonly id: string;
	readonly verb: RecordVerb;
	readonly actorId: string;
	readonly role: Role;
	/** The person answered, or whose text was changed. */
	readonly targetId: string | null;
	readonly documentId: string | null;
	readonly start: number;
	readonly end: number;
	/** Characters, nodes or milliseconds, as the verb says. */
	readonly amount: number;
	/** Characters typed in this burst. */
	readonly inserted: number;
	/** Characters deleted in this burst, by the person who had written them; `''` when nobody is known to have. */
	readonly deleted: Readonly<Record<string, number>>;
}

export interface Interval {
	readonly start: number;
	readonly end: number;
}

export const modalityOf = (event: Pick<RoomEvent, 'verb'>): Modality => verbs[event.verb].modality;

/** Whether the person teaches here: T of the classroom analyses, everybody else is S. */
export const teaches = (role: Role): boolean => role === 'teacher' || role === 'headTeacher';

/** The entry of a map, made by `make` when it is missing. */
export function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
	const found = map.get(key);
	if (found !== undefined) return found;
	const made = make();
	map.set(key, made);
	return made;
}
