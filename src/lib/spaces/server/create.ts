import { auditAct } from '#lib/records/server/audit.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Invalid } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { CreateSpace } from '../model.ts';
import type { SpaceKind } from '../model.ts';
import { findSpace } from './find.ts';
import type { SpaceRow } from './find.ts';
import { insertSpace } from './insert.ts';
import { memberships } from './table.ts';

/** Which kinds of space lie directly under which. */
const under: Partial<Record<SpaceKind, readonly SpaceKind[]>> = { region: ['school', 'workshop'], school: ['class'] };

/** Make a space under another, with what `furnish` puts into it; whoever makes a workshop is its host. */
export async function createSpace(
	ctx: Context,
	input: CreateSpace,
	furnish: (ctx: Context, space: SpaceRow) => Promise<void>
): Promise<SpaceRow> {
	const { parentId, kind, name } = CreateSpace.parse(input);
	const parent = await query(ctx, async (ctx) => {
		const parent = await findSpace(ctx, parentId);
		authorize(ctx, kind === 'workshop' ? 'workshop.create' : 'space.create', parent);
		if (!under[parent.kind]?.includes(kind)) throw new Invalid('spaces.wrongParent');
		return parent;
	});
	// A workshop lies beside the schools, where a teacher writes nothing before it is there.
	const system = ctx.system || kind === 'workshop';
	return transaction({ ...ctx, system }, async (ctx) => {
		const space = await insertSpace(ctx, { parent, kind, name });
		if (kind === 'workshop') {
			const { personId } = requireActor(ctx);
			const since = ctx.now().toISOString().slice(0, 10);
			await ctx.db.insert(memberships).values({ personId, spaceId: space.id, spacePath: space.path, role: 'headTeacher', since });
		}
		await furnish(ctx, space);
		await auditAct(ctx, { verb: 'space.create', object: { type: 'space', id: space.id }, path: space.path, detail: { kind } });
		return space;
	});
}
