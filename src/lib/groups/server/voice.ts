import { and, asc, eq, isNull } from 'drizzle-orm';
import { insideOf } from '#lib/rooms/server/index.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Unavailable } from '#lib/server/errors.ts';
import { OneGroupSet } from '../model.ts';
import type { GroupLines } from '../model.ts';
import { leadingSet } from './sets.ts';

/**
 * Short-lived tokens into the calls of all groups at work, for whoever leads and is inside: to speak there and nothing
 * else. What they open ends when the groups are called back, or its person leaves.
 */
export async function speakToGroups(ctx: Context, input: OneGroupSet): Promise<GroupLines> {
	const one = OneGroupSet.parse(input);
	const { personId, name } = requireActor(ctx);
	let groups: { roomId: string }[] = [];
	await leadingSet(ctx, one, async (ctx, set) => {
		if (!set.openedAt) throw new Conflict('groups.voice.notOpen');
		const inside = await insideOf(ctx, [one.roomId]);
		if (!inside.some((person) => person.personId === personId)) throw new Conflict('rooms.enterFirst');
		groups = await ctx.db
			.select({ roomId: rooms.id })
			.from(rooms)
			.where(and(eq(rooms.setId, set.id), isNull(rooms.closedAt)))
			.orderBy(asc(rooms.position));
		return 'group.voice';
	});
	const { media } = ctx.services;
	if (!media || !(await media.state()).ok) throw new Unavailable('rooms.noMedia');
	const lines = groups.map(async ({ roomId }) => ({
		roomId,
		token: await media.token({ roomId, personId, name, sends: ['microphone'], seat: 'outside' })
	}));
	return { url: '/livekit', lines: await Promise.all(lines) };
}
