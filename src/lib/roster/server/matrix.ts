import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { policy } from '#lib/server/policy.ts';
import type { ObjectType, Rule } from '#lib/server/rule.ts';
import { query } from '#lib/server/transaction.ts';
import { roles } from '#lib/spaces/model.ts';
import type { Relation, Role } from '#lib/spaces/model.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import type { SpaceId } from '#lib/ids.ts';

export interface MatrixRow {
	verb: string;
	object: ObjectType;
	/** Kind of the object; `*` for every kind that has no row of its own. */
	kind: string;
	cells: { role: Role; relations: readonly Relation[] }[];
}

/** The policy as a table: a row for each verb and kind, a cell for each role. */
export async function seeMatrix(ctx: Context): Promise<MatrixRow[]> {
	const { memberships } = requireActor(ctx);
	await query(ctx, async (ctx) => {
		const led = memberships.find(({ role }) => role === 'schoolAdmin' || role === 'regionAdmin') ?? memberships[0];
		authorize(ctx, 'policy.see', led ? await findSpace(ctx, led.spaceId as SpaceId) : { kind: 'school', path: 'none' });
	});
	return Object.entries(policy as Record<string, Rule>).flatMap(([verb, { object, allow }]) =>
		Object.entries(allow).map(([kind, grants]) => ({
			verb,
			object,
			kind,
			cells: roles.map((role) => ({ role, relations: grants[role] ?? [] }))
		}))
	);
}
