import { asc, eq } from 'drizzle-orm';
import type { SpaceId } from '#lib/ids.ts';
import { may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { spaces } from './table.ts';

/** The region in which the asker may found a workshop; null when there is none. */
export async function regionToFoundIn(ctx: Context): Promise<SpaceId | null> {
	requireActor(ctx);
	return query(ctx, async (ctx) => {
		// Row-level security shows the regions above one's own spaces.
		const regions = await ctx.db
			.select({ id: spaces.id, kind: spaces.kind, path: spaces.path })
			.from(spaces)
			.where(eq(spaces.kind, 'region'))
			.orderBy(asc(spaces.name));
		return regions.find((region) => may(ctx, 'workshop.create', region))?.id ?? null;
	});
}
