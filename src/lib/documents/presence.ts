import type { Awareness } from 'y-protocols/awareness';
import { hatOf, roles } from '#lib/spaces/model.ts';
import type { Hat } from '#lib/spaces/model.ts';

/** Someone who has the document open, as the server wrote it into the awareness. */
export interface Present {
	readonly id: string;
	readonly name: string;
	readonly hat: Hat;
}

/** Everyone who has the document open, each person once however many windows they have. */
export function presentPeople(awareness: Awareness): Present[] {
	const people = new Map<string, Present>();
	for (const [client, state] of awareness.getStates()) {
		const user: unknown = state.user;
		if (client === awareness.clientID || typeof user !== 'object' || user === null) continue;
		const { id, name, role } = user as Record<string, unknown>;
		if (typeof id !== 'string' || typeof name !== 'string') continue;
		people.set(id, { id, name, hat: hatOf(roles.find((each) => each === role) ?? 'student') });
	}
	return [...people.values()];
}
