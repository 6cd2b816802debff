import { and, eq, isNull, sql } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/audit.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Invalid } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { CreateSpace, kindsUnder } from '../model.ts';
import type { MadeKind } from '../model.ts';
import { findSpace } from './find.ts';
import type { SpaceRow } from './find.ts';
import { insertSpace } from './insert.ts';
import { memberships, spaces } from './table.ts';

/** The verb of the policy that lets one make a space of this kind. */
export const createVerb = (kind: MadeKind) => (kind === 'workshop' ? 'workshop.create' : 'space.create');

/** Make a space under another, with what `furnish` puts into it; whoever makes a workshop is its host. */
export async function createSpace(
	ctx: Context,
	input: CreateSpace,
	furnish: (ctx: Context, space: SpaceRow) => Promise<void>
): Promise<SpaceRow> {
	const { parentId, kind, name } = CreateSpace.parse(input);
	const parent = await query(ctx, async (ctx) => {
		const parent = await findSpace(ctx, parentId);
		authorize(ctx, createVerb(kind), parent);
		if (!kindsUnder[parent.kind]?.includes(kind)) throw new Invalid('spaces.wrongParent');
		return parent;
	});
	// A workshop lies beside the schools, where a teacher writes nothing before it is there.
	const system = ctx.system || kind === 'workshop';
	return transaction({ ...ctx, system }, async (ctx) => {
		await refuseSameName(ctx, parent, kind, name);
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

/**
 * Two classes of a school, or two schools of a region, are told apart by their names. Of workshops only one's
 * own count: that there are others is not told.
 */
async function refuseSameName(ctx: Context, parent: SpaceRow, kind: MadeKind, name: string): Promise<void> {
	// Whoever makes another one at the same moment waits here.
	await ctx.db.select({ id: spaces.id }).from(spaces).where(eq(spaces.id, parent.id)).for('update');
	const own = sql`exists (select from memberships m where m.space_id = ${spaces.id} and m.person_id = ${ctx.actor?.personId ?? null} and m.until is null)`;
	const [same] = await ctx.db
		.select({ id: spaces.id })
		.from(spaces)
		.where(
			and(
				eq(spaces.parentId, parent.id),
				eq(spaces.kind, kind),
				isNull(spaces.archivedAt),
				sql`lower(${spaces.name}) = lower(${name})`,
				kind === 'workshop' ? own : undefined
			)
		)
		.limit(1);
	if (same) throw new Conflict('spaces.nameTaken');
}
