import { and, eq } from 'drizzle-orm';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Permit } from '../model.ts';
import { enforceSoon } from './enforce.ts';
import { findLed, leading } from './lead.ts';
import { participants } from './table.ts';

/** Invite somebody up to the stage or down from it, forbid or allow what they bring, or take their hand down. */
export async function permitPerson(ctx: Context, input: Permit): Promise<void> {
	const { roomId, personId, stage, denied, hand } = Permit.parse(input);
	await leading(ctx, roomId, async (ctx, room) => {
		const before = await findLed(ctx, room, personId);
		await ctx.db
			.update(participants)
			.set({
				onStage: stage ?? before.onStage,
				denied: denied ?? before.denied,
				// Invited up, one need not hold up the hand.
				handAt: hand === false || stage ? null : before.handAt
			})
			.where(and(eq(participants.roomId, roomId), eq(participants.personId, personId)));
		if (denied && denied.includes('chat') !== before.denied.includes('chat')) await publish(ctx.db, { kind: 'voices', roomId });
		return {
			verb: 'room.permit',
			detail: {
				person: personId,
				...(stage !== undefined && { stage }),
				...(denied && { denied: denied.join(' ') }),
				...(hand !== undefined && { hand })
			}
		};
	});
	await enforceSoon(ctx.services, roomId);
}
