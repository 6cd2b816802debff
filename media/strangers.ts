import { and, inArray, isNull } from 'drizzle-orm';
import type { RoomId } from '#lib/ids.ts';
import { seatOf } from '#lib/rooms/model.ts';
import { visits } from '#lib/rooms/server/table.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';

/** How long somebody may be in a call without being in its room, as while a page reconnects, in milliseconds. */
export const grace = 15_000;

interface Place {
	roomId: RoomId;
	personId: string;
}

/**
 * LiveKit lets a token in until it expires, also one whose person has lost the right meanwhile. So whoever is
 * in a call, but not in its room, is noticed here and taken out.
 */
export function watchStrangers(services: Services): { among(calls: { roomId: RoomId; people: string[] }[]): Promise<Place[]> } {
	let since = new Map<string, number>();

	return {
		/** Those who have been in a call for longer than the grace without being in its room. */
		async among(calls) {
			const visiting = await visitorsOf(
				services,
				calls.filter(({ people }) => people.length > 0).map(({ roomId }) => roomId)
			);
			const now = services.now().getTime();
			const places = calls.flatMap(({ roomId, people }) => people.map((personId) => ({ roomId, personId })));
			const strange = places.filter(({ roomId, personId: identity }) => {
				const { personId, seat } = seatOf(identity);
				// Who may speak into a call from outside is seen to by `enforce`.
				return seat !== 'outside' && !visiting.has(keyOf({ roomId, personId }));
			});
			since = new Map(strange.map(keyOf).map((key) => [key, since.get(key) ?? now]));
			return strange.filter((place) => now - (since.get(keyOf(place)) ?? now) > grace);
		}
	};
}

const keyOf = ({ roomId, personId }: Place): string => `${roomId}:${personId}`;

async function visitorsOf(services: Services, roomIds: RoomId[]): Promise<ReadonlySet<string>> {
	if (roomIds.length === 0) return new Set();
	const open = await query(systemContext(services), (ctx) =>
		ctx.db
			.select({ roomId: visits.roomId, personId: visits.personId })
			.from(visits)
			.where(and(inArray(visits.roomId, roomIds), isNull(visits.leftAt)))
	);
	return new Set(open.map(keyOf));
}
