import { newId } from '#lib/ids.ts';
import type { PersonId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import type { SpaceKind } from '../model.ts';
import type { SpaceRow } from './find.ts';
import { spaces } from './table.ts';

/** Adds a space to the tree. Its label is random: a path tells nothing but what lies under what. */
export async function insertSpace(
	ctx: Context,
	space: { parent: Pick<SpaceRow, 'id' | 'path'> | null; kind: SpaceKind; name: string; ownerId?: PersonId }
): Promise<SpaceRow> {
	const id = newId<'space'>();
	// The end of a uuid v7 is its random part.
	const label = id.replaceAll('-', '').slice(-16);
	const [row] = await ctx.db
		.insert(spaces)
		.values({
			id,
			parentId: space.parent?.id ?? null,
			kind: space.kind,
			name: space.name,
			path: space.parent ? `${space.parent.path}.${label}` : label,
			ownerId: space.ownerId ?? null
		})
		.returning();
	if (!row) throw new Error('a space was not inserted');
	return row;
}
