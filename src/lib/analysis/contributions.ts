import { entryOf } from './event.ts';
import type { RoomEvent } from './event.ts';

/** What one person did to one document. */
export interface Contribution {
	personId: string;
	/** Characters. */
	inserted: number;
	deletedOwn: number;
	deletedOthers: number;
	/** Nodes of a mind map; of a board only what was drawn. */
	created: number;
	moved: number;
	linked: number;
	removed: number;
}

export interface DocumentContributions {
	documentId: string;
	people: Contribution[];
}

const nodeActs = { mapped: 'created', moved: 'moved', linked: 'linked', removed: 'removed', drew: 'created' } as const;

const nothing = (personId: string): Contribution => ({
	personId,
	inserted: 0,
	deletedOwn: 0,
	deletedOthers: 0,
	created: 0,
	moved: 0,
	linked: 0,
	removed: 0
});

/** Who did how much to each document that was touched, most first. */
export function contributionsOf(events: readonly RoomEvent[]): DocumentContributions[] {
	const documents = new Map<string, Map<string, Contribution>>();
	for (const event of events) {
		if (!event.documentId || !(event.verb === 'edited' || event.verb in nodeActs)) continue;
		const people = entryOf(documents, event.documentId, () => new Map<string, Contribution>());
		count(
			entryOf(people, event.actorId, () => nothing(event.actorId)),
			event
		);
	}
	return [...documents].map(([documentId, people]) => ({
		documentId,
		people: [...people.values()].sort((a, b) => b.inserted + b.created - (a.inserted + a.created))
	}));
}

function count(contribution: Contribution, event: RoomEvent): void {
	if (event.verb === 'edited') {
		contribution.inserted += event.inserted;
		for (const [author, characters] of Object.entries(event.deleted)) {
			contribution[author === event.actorId ? 'deletedOwn' : 'deletedOthers'] += characters;
		}
		return;
	}
	if (event.verb in nodeActs) contribution[nodeActs[event.verb as keyof typeof nodeActs]] += event.amount;
}
