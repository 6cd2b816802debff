import { and, count, eq, isNull } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { ChangeSheet, MakeSheet, mostSheets, OneSheet } from '../model.ts';
import type { Step } from '../model.ts';
import { runSheets } from './table.ts';

export type SheetRow = typeof runSheets.$inferSelect;

/** A plan of this room, locked until the transaction ends. */
export async function findSheet(ctx: Context, { roomId, sheetId }: { roomId: RoomRow['id']; sheetId: SheetRow['id'] }) {
	const [sheet] = await ctx.db
		.select()
		.from(runSheets)
		.where(and(eq(runSheets.id, sheetId), eq(runSheets.roomId, roomId), isNull(runSheets.archivedAt)))
		.for('update');
	if (!sheet) throw new Conflict('runsheets.gone');
	return sheet;
}

async function insert(ctx: Context, room: RoomRow, sheet: { title: string; steps: Step[] }): Promise<{ id: string }> {
	const [held] = await ctx.db
		.select({ sheets: count() })
		.from(runSheets)
		.where(and(eq(runSheets.roomId, room.id), isNull(runSheets.archivedAt)));
	if ((held?.sheets ?? 0) >= mostSheets) throw new Conflict('runsheets.tooMany');
	const [made] = await ctx.db
		.insert(runSheets)
		.values({
			...sheet,
			roomId: room.id,
			spacePath: room.spacePath,
			ownerId: requireActor(ctx).personId,
			createdAt: ctx.now()
		})
		.returning({ id: runSheets.id });
	if (!made) throw new Error('a plan was inserted and not returned');
	await left(ctx, room, 'sheet.make', made.id);
	return made;
}

async function left(ctx: Context, room: RoomRow, verb: string, sheetId: string): Promise<void> {
	await auditAct(ctx, { verb, object: { type: 'room', id: room.id }, path: room.spacePath, detail: { sheet: sheetId } });
	await publish(ctx.db, { kind: 'sheet', roomId: room.id });
}

/** Write a plan for lessons in this room. */
export async function makeSheet(ctx: Context, input: MakeSheet): Promise<{ id: string }> {
	const { roomId, ...sheet } = MakeSheet.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'sheet.lead', placeOf(room));
		return insert(ctx, room, sheet);
	});
}

/** Change a plan; lessons that went by it keep what they had. */
export async function changeSheet(ctx: Context, input: ChangeSheet): Promise<void> {
	const { title, steps, ...one } = ChangeSheet.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, one.roomId);
		authorize(ctx, 'sheet.lead', placeOf(room));
		await findSheet(ctx, one);
		await ctx.db.update(runSheets).set({ title, steps }).where(eq(runSheets.id, one.sheetId));
		await left(ctx, room, 'sheet.change', one.sheetId);
	});
}

/** Put a plan away. */
export async function dropSheet(ctx: Context, input: OneSheet): Promise<void> {
	const one = OneSheet.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, one.roomId);
		authorize(ctx, 'sheet.lead', placeOf(room));
		await findSheet(ctx, one);
		await ctx.db.update(runSheets).set({ archivedAt: ctx.now() }).where(eq(runSheets.id, one.sheetId));
		await left(ctx, room, 'sheet.drop', one.sheetId);
	});
}

/** Take a plan of one's own from another room into this one; what its steps opened lies in the other room and stays there. */
export async function copySheet(ctx: Context, input: OneSheet): Promise<{ id: string }> {
	const { roomId, sheetId } = OneSheet.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'sheet.lead', placeOf(room));
		const [sheet] = await ctx.db
			.select()
			.from(runSheets)
			.where(and(eq(runSheets.id, sheetId), eq(runSheets.ownerId, requireActor(ctx).personId), isNull(runSheets.archivedAt)));
		if (!sheet) throw new Conflict('runsheets.gone');
		const same = sheet.roomId === roomId;
		return insert(ctx, room, { title: sheet.title, steps: sheet.steps.map((step) => (same ? step : { ...step, opens: null })) });
	});
}
