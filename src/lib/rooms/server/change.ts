import { eq } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { ChangeRoom } from '../model.ts';
import { findRoom, placeOf } from './find.ts';
import { insideOf } from './inside.ts';
import { rooms } from './table.ts';

/** Give a room another title. */
export async function renameRoom(ctx: Context, input: ChangeRoom): Promise<void> {
	const { roomId, title } = ChangeRoom.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'room.change', placeOf(room));
		await ctx.db.update(rooms).set({ title }).where(eq(rooms.id, roomId));
		await auditAct(ctx, { verb: 'room.rename', object: { type: 'room', id: roomId }, path: room.spacePath });
		await publish(ctx.db, { kind: 'room', roomId });
	});
}

/** Put a room away; its documents, chat and records stay. Not while someone is inside. */
export async function closeRoom(ctx: Context, input: { roomId: string }): Promise<void> {
	const roomId = idOf('room').parse(input.roomId);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'room.change', placeOf(room));
		if ((await insideOf(ctx, [roomId])).length > 0) throw new Conflict('rooms.someoneInside');
		await ctx.db.update(rooms).set({ closedAt: ctx.now() }).where(eq(rooms.id, roomId));
		await auditAct(ctx, { verb: 'room.close', object: { type: 'room', id: roomId }, path: room.spacePath });
		await publish(ctx.db, { kind: 'room', roomId });
	});
}
