import { and, eq } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { memberships } from '#lib/spaces/server/table.ts';
import { NoteAttendance } from '../model.ts';
import { absences } from './table.ts';

/** Write down why somebody was not there, or take it back. */
export async function noteAttendance(ctx: Context, input: NoteAttendance): Promise<void> {
	const { roomId, sessionId, personId, reason, note } = NoteAttendance.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'attendance.note', placeOf(room));
		const [session] = await ctx.db
			.select({ id: sessions.id })
			.from(sessions)
			.where(and(eq(sessions.id, sessionId), eq(sessions.roomId, roomId)));
		const [member] = await ctx.db
			.select({ id: memberships.id })
			.from(memberships)
			.where(and(eq(memberships.spaceId, room.spaceId), eq(memberships.personId, personId)))
			.limit(1);
		if (!session || !member) throw new Invalid('attendance.unknown');
		if (reason === null) {
			await ctx.db.delete(absences).where(and(eq(absences.sessionId, sessionId), eq(absences.personId, personId)));
		} else {
			const noted = { reason, note, notedBy: requireActor(ctx).personId, notedAt: ctx.now() };
			await ctx.db
				.insert(absences)
				.values({ sessionId, spacePath: room.spacePath, personId, ...noted })
				.onConflictDoUpdate({ target: [absences.sessionId, absences.personId], set: noted });
		}
		await auditAct(ctx, {
			verb: 'attendance.note',
			object: { type: 'room', id: roomId },
			path: room.spacePath,
			detail: { person: personId, reason }
		});
	});
}
