import { and, eq, isNull } from 'drizzle-orm';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { SetSpotlight } from '../model.ts';
import { leading } from './lead.ts';
import { sessions, visits } from './table.ts';

/** Put one person or one shared screen in the middle for everybody, until the session ends or null takes it back. */
export async function setSpotlight(ctx: Context, input: SetSpotlight): Promise<void> {
	const { roomId, spotlight } = SetSpotlight.parse(input);
	await leading(ctx, roomId, async (ctx) => {
		if (spotlight) {
			const [inside] = await ctx.db
				.select({ id: visits.id })
				.from(visits)
				.where(and(eq(visits.roomId, roomId), eq(visits.personId, spotlight.personId), isNull(visits.leftAt)));
			if (!inside) throw new Conflict('rooms.notInside');
		}
		await ctx.db
			.update(sessions)
			.set({ spotlight })
			.where(and(eq(sessions.roomId, roomId), isNull(sessions.endedAt)));
		return { verb: 'room.spotlight', detail: { person: spotlight?.personId ?? null, kind: spotlight?.kind ?? null } };
	});
}
