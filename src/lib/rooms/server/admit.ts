import { and, eq, inArray } from 'drizzle-orm';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Admit } from '../model.ts';
import { leading } from './lead.ts';
import { participants } from './table.ts';

/** Let somebody in who is before the door or was sent out; everybody who waits, when nobody is named. */
export async function admitPerson(ctx: Context, input: Admit): Promise<void> {
	const { roomId, personId } = Admit.parse(input);
	await leading(ctx, roomId, async (ctx) => {
		const admitted = await ctx.db
			.update(participants)
			.set({ admission: 'in', message: '', since: ctx.now() })
			.where(
				and(
					eq(participants.roomId, roomId),
					personId ? eq(participants.personId, personId) : undefined,
					inArray(participants.admission, personId ? ['waiting', 'lobby', 'removed'] : ['waiting'])
				)
			)
			.returning({ personId: participants.personId });
		// What lies in the room is theirs again.
		for (const one of admitted) await publish(ctx.db, { kind: 'access', personId: one.personId });
		return { verb: 'room.admit', detail: { person: personId ?? null, people: admitted.length } };
	});
}
