import type { PersonId } from '#lib/ids.ts';
import { auditAct, countActs } from '#lib/records/server/audit.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Invalid, LimitReached, NotFound } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { FindPerson, rolesIn } from '../model.ts';
import { findCandidate } from './candidate.ts';
import { findSpace } from './find.ts';

/** Whoever looks after a list asks for a class now and then; who asks more often goes through the numbers. */
export const findsAnHour = 120;

/**
 * The person with exactly this number who may be taken into the space in this role. A number of nobody and one
 * of somebody who may not be taken in are answered alike.
 */
export async function findPerson(
	ctx: Context,
	input: FindPerson
): Promise<{ personId: PersonId; name: string; home: string | null }> {
	const { spaceId, number, role } = FindPerson.parse(input);
	const { personId: asker } = requireActor(ctx);
	const space = await query(ctx, async (ctx) => {
		const space = await findSpace(ctx, spaceId);
		authorize(ctx, 'member.find', space);
		if (!rolesIn[space.kind].includes(role)) throw new Invalid('spaces.wrongRole');
		return space;
	});
	const found = await transaction({ ...ctx, system: true }, async (ctx) => {
		const since = new Date(ctx.now().getTime() - 3_600_000);
		if ((await countActs(ctx, { verb: 'member.find', personId: asker, since })) >= findsAnHour) throw new LimitReached();
		const person = await findCandidate(ctx, space, role, { number });
		await auditAct(ctx, {
			verb: 'member.find',
			object: { type: 'person', id: person?.id },
			path: space.path,
			outcome: person ? 'done' : 'refused',
			detail: { role, spaceId }
		});
		return person;
	});
	if (!found) throw new NotFound('spaces.noSuchPerson');
	return { personId: found.id, name: found.name, home: found.home };
}
