import { count, eq } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import type { SpaceKind } from '#lib/spaces/model.ts';
import { OpenRoom } from '../model.ts';
import type { RoomKind } from '../model.ts';
import { presentRoom } from './present.ts';
import type { RoomView } from './present.ts';
import { rooms } from './table.ts';

/** Which kinds of room there are in which kind of space. */
export const roomsIn: Record<SpaceKind, readonly RoomKind[]> = {
	region: ['meeting'],
	school: ['meeting'],
	class: ['lesson', 'group', 'tutoring', 'homeSchool', 'meeting'],
	workshop: ['workshop'],
	community: ['meeting'],
	personal: ['meeting']
};

/** Open a durable room in a space; only who may teach there. */
export async function openRoom(ctx: Context, input: OpenRoom): Promise<RoomView> {
	const { spaceId, kind, title } = OpenRoom.parse(input);
	return transaction(ctx, async (ctx) => {
		const space = await findSpace(ctx, spaceId);
		authorize(ctx, 'room.open', space);
		if (!roomsIn[space.kind].includes(kind)) throw new Invalid('rooms.wrongKind');
		const [before] = await ctx.db.select({ rooms: count() }).from(rooms).where(eq(rooms.spaceId, spaceId));
		const position = before?.rooms ?? 0;
		const createdBy = ctx.actor?.personId ?? null;
		const [room] = await ctx.db
			.insert(rooms)
			.values({ spaceId, spacePath: space.path, kind, title, position, createdBy })
			.returning();
		if (!room) throw new Error('a room was not inserted');
		await auditAct(ctx, { verb: 'room.open', object: { type: 'room', id: room.id }, path: space.path, detail: { kind } });
		await publish(ctx.db, { kind: 'room', roomId: room.id });
		return presentRoom(ctx, room, space);
	});
}

const standard: Partial<Record<SpaceKind, readonly { kind: RoomKind; title: string }[]>> = {
	region: [{ kind: 'meeting', title: '区域会议室' }],
	school: [{ kind: 'meeting', title: '教研会议室' }],
	class: [
		{ kind: 'lesson', title: '课堂' },
		{ kind: 'group', title: '小组讨论' },
		{ kind: 'tutoring', title: '答疑室' },
		{ kind: 'homeSchool', title: '家校沟通' }
	],
	workshop: [{ kind: 'workshop', title: '研修室' }]
};

/** The rooms that every new space of a kind begins with; part of the verb that makes the space. */
export async function standardRooms(ctx: Context, space: Pick<SpaceRow, 'id' | 'kind' | 'path'>): Promise<void> {
	const given = standard[space.kind] ?? [];
	if (given.length === 0) return;
	await ctx.db
		.insert(rooms)
		.values(given.map((room, position) => ({ ...room, position, spaceId: space.id, spacePath: space.path })));
}
