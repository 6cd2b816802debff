import { and, eq, sql } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import { keptDays, KeepRecordings } from '../model.ts';
import { recordingKeeping, recordings } from './table.ts';

/** Say for how many days recordings of a space are kept; null: as long as the space around it says. Also those that are there. */
export async function keepRecordings(ctx: Context, input: KeepRecordings): Promise<void> {
	const { spaceId, days } = KeepRecordings.parse(input);
	await transaction(ctx, async (ctx) => {
		const space = await findSpace(ctx, spaceId);
		authorize(ctx, 'recording.keep', space);
		if (days === null) await ctx.db.delete(recordingKeeping).where(eq(recordingKeeping.spaceId, spaceId));
		else
			await ctx.db
				.insert(recordingKeeping)
				.values({ spaceId, spacePath: space.path, days })
				.onConflictDoUpdate({ target: recordingKeeping.spaceId, set: { days } });
		// The nearest space that says something decides.
		await ctx.db
			.update(recordings)
			.set({
				expiresAt: sql`${recordings.startedAt} + make_interval(days => coalesce(
					(select k.days from ${recordingKeeping} k where k.space_path @> ${recordings.spacePath}
						order by nlevel(k.space_path) desc limit 1), ${keptDays}))`
			})
			.where(and(sql`${recordings.spacePath} <@ ${space.path}::ltree`));
		await auditAct(ctx, {
			verb: 'recording.keep',
			object: { type: 'space', id: spaceId },
			path: space.path,
			detail: { days }
		});
	});
}

/** What a space says about how long its recordings are kept; null: nothing. */
export async function keptIn(ctx: Context, input: { spaceId: string }): Promise<number | null> {
	const spaceId = idOf('space').parse(input.spaceId);
	return query(ctx, async (ctx) => {
		authorize(ctx, 'recording.keep', await findSpace(ctx, spaceId));
		const [kept] = await ctx.db.select().from(recordingKeeping).where(eq(recordingKeeping.spaceId, spaceId));
		return kept?.days ?? null;
	});
}
