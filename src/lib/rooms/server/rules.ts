import { and, eq } from 'drizzle-orm';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { rulesOf, SetRules } from '../model.ts';
import { enforceSoon } from './enforce.ts';
import { leading } from './lead.ts';
import { participants, rooms } from './table.ts';

/** Say what holds for all who do not lead, now and in later sessions. Without a lobby nobody waits any longer. */
export async function setRules(ctx: Context, input: SetRules): Promise<void> {
	const { roomId, rules } = SetRules.parse(input);
	await leading(ctx, roomId, async (ctx, room) => {
		await ctx.db
			.update(rooms)
			.set({ rules: { ...room.rules, ...rules } })
			.where(eq(rooms.id, roomId));
		if (rules.lobby === false) {
			await ctx.db
				.update(participants)
				.set({ admission: 'in', since: ctx.now() })
				.where(and(eq(participants.roomId, roomId), eq(participants.admission, 'waiting')));
		}
		if (rules.chat !== undefined && rules.chat !== rulesOf(room).chat) await publish(ctx.db, { kind: 'voices', roomId });
		return { verb: 'room.rules', detail: rules };
	});
	await enforceSoon(ctx.services, roomId);
}
