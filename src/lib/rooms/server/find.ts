import { and, eq, inArray, isNull, ne } from 'drizzle-orm';
import type { PersonId, RoomId } from '#lib/ids.ts';
import type { Placed } from '#lib/server/authorize.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden, NotFound } from '#lib/server/errors.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import { participants, rooms } from './table.ts';

export type RoomRow = typeof rooms.$inferSelect;

interface Options {
	/** Also for whoever waits before the door or was sent out, as to show that this is so. */
	readonly outside?: boolean;
}

/**
 * A room by its id, as far as row-level security shows it. Whoever is kept out of the session that goes on is
 * refused here, and with the room everything that lies in it.
 */
export async function findRoom(ctx: Context, roomId: RoomId, { outside = false }: Options = {}): Promise<RoomRow> {
	const [room] = await ctx.db
		.select()
		.from(rooms)
		.where(and(eq(rooms.id, roomId), isNull(rooms.closedAt)));
	if (!room) throw new NotFound();
	if (ctx.actor && !ctx.system && !outside && (await isKeptOut(ctx, roomId, ctx.actor.personId)))
		throw new Forbidden('rooms.keptOut');
	return room;
}

async function isKeptOut(ctx: Context, roomId: RoomId, personId: PersonId): Promise<boolean> {
	const [participant] = await ctx.db
		.select({ admission: participants.admission })
		.from(participants)
		.where(and(eq(participants.roomId, roomId), eq(participants.personId, personId)));
	return participant !== undefined && participant.admission !== 'in';
}

/** Of these people, who is kept out of which room now: `<room> <person>`. */
export async function keptOutOf(services: Services, personIds: readonly PersonId[]): Promise<ReadonlySet<string>> {
	if (personIds.length === 0) return new Set();
	const rows = await query(systemContext(services), (ctx) =>
		ctx.db
			.select({ roomId: participants.roomId, personId: participants.personId })
			.from(participants)
			.where(and(inArray(participants.personId, [...personIds]), ne(participants.admission, 'in')))
	);
	return new Set(rows.map(({ roomId, personId }) => `${roomId} ${personId}`));
}

/** A room, and all that lies in it, as the policy sees it. */
export const placeOf = (room: Pick<RoomRow, 'kind' | 'spacePath'>): Placed => ({ kind: room.kind, path: room.spacePath });
