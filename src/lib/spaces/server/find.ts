import { and, eq, isNull } from 'drizzle-orm';
import type { SpaceId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound } from '#lib/server/errors.ts';
import { spaces } from './table.ts';

export type SpaceRow = typeof spaces.$inferSelect;

/** A space by its id, as far as row-level security shows it. */
export async function findSpace(ctx: Context, spaceId: SpaceId): Promise<SpaceRow> {
	const [space] = await ctx.db
		.select()
		.from(spaces)
		.where(and(eq(spaces.id, spaceId), isNull(spaces.archivedAt)));
	if (!space) throw new NotFound();
	return space;
}
