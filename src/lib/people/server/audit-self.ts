import { eq } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/audit.ts';
import type { Context } from '#lib/server/context.ts';
import { people } from './table.ts';

/** Audits what somebody did to his own account, where the school that enrolled him sees it. */
export async function auditSelf(
	ctx: Context,
	verb: string,
	detail: Parameters<typeof auditAct>[1]['detail'] = {}
): Promise<void> {
	const { actor } = ctx;
	if (!actor) return;
	const [person] = await ctx.db.select({ homePath: people.homePath }).from(people).where(eq(people.id, actor.personId));
	await auditAct(ctx, { verb, object: { type: 'account', id: actor.accountId }, path: person?.homePath ?? null, detail });
}
