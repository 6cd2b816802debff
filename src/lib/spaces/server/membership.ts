import { and, eq, isNull } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/audit.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, Forbidden, Invalid, NotFound } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { ChangeMembership, rolesIn } from '../model.ts';
import { findCandidate } from './candidate.ts';
import { findSpace } from './find.ts';
import { memberships } from './table.ts';

/** Make a person a member of a space in a role, from today. */
export async function addMember(ctx: Context, input: ChangeMembership): Promise<void> {
	const { spaceId, personId, role } = ChangeMembership.parse(input);
	const space = await query(ctx, async (ctx) => {
		const space = await findSpace(ctx, spaceId);
		authorize(ctx, 'member.change', space);
		if (!rolesIn[space.kind].includes(role)) throw new Invalid('spaces.wrongRole');
		return space;
	});
	await transaction({ ...ctx, system: true }, async (ctx) => {
		if (!(await findCandidate(ctx, space, role, { personId }))) throw new NotFound('spaces.noSuchPerson');
		const since = ctx.now().toISOString().slice(0, 10);
		const added = await ctx.db
			.insert(memberships)
			.values({ personId, spaceId, spacePath: space.path, role, since })
			.onConflictDoNothing()
			.returning({ id: memberships.id });
		if (added.length === 0) throw new Conflict('spaces.memberAlready');
		await auditAct(ctx, {
			verb: 'member.add',
			object: { type: 'person', id: personId },
			path: space.path,
			detail: { role, spaceId }
		});
		await publish(ctx.db, { kind: 'access', personId });
	});
}

/** End a person's membership of a space in a role, now: open documents, chats and calls close. */
export async function removeMember(ctx: Context, input: ChangeMembership): Promise<void> {
	const { spaceId, personId, role } = ChangeMembership.parse(input);
	await transaction(ctx, async (ctx) => {
		const space = await findSpace(ctx, spaceId);
		authorize(ctx, 'member.change', space);
		if (personId === ctx.actor?.personId) throw new Forbidden('spaces.notOneself');
		const until = ctx.now().toISOString().slice(0, 10);
		const ended = await ctx.db
			.update(memberships)
			.set({ until })
			.where(
				and(
					eq(memberships.spaceId, spaceId),
					eq(memberships.personId, personId),
					eq(memberships.role, role),
					isNull(memberships.until)
				)
			)
			.returning({ id: memberships.id });
		if (ended.length === 0) throw new NotFound();
		await auditAct(ctx, {
			verb: 'member.remove',
			object: { type: 'person', id: personId },
			path: space.path,
			detail: { role, spaceId }
		});
		await publish(ctx.db, { kind: 'access', personId });
	});
}
