import { and, count, eq, gt } from 'drizzle-orm';
import type { PersonId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import { audit } from './table.ts';

/**
 * Adds one row to the audit, in the transaction of the act itself. `verb` names the act, `path` the space
 * it happened in. `detail` holds ids, counts and codes only.
 */
export async function auditAct(
	ctx: Context,
	act: {
		verb: string;
		object: { type: string; id?: string | null };
		path?: string | null;
		outcome?: 'done' | 'refused';
		/** Who acted, when it is not the actor of the context, as at sign-in. */
		personId?: string | null;
		detail?: Record<string, string | number | boolean | null>;
	}
): Promise<void> {
	await ctx.db.insert(audit).values({
		at: ctx.now(),
		personId: (act.personId ?? ctx.actor?.personId ?? null) as typeof audit.$inferInsert.personId,
		role: ctx.actor?.hat ?? null,
		verb: act.verb,
		objectType: act.object.type,
		objectId: act.object.id ?? null,
		spacePath: act.path ?? null,
		address: ctx.address,
		outcome: act.outcome ?? 'done',
		detail: act.detail ?? {},
		requestId: ctx.requestId
	});
}

/** How often a person did something since a moment, as far as row-level security shows it: the audit counts for limits. */
export async function countActs(ctx: Context, act: { verb: string; personId: PersonId; since: Date }): Promise<number> {
	const [counted] = await ctx.db
		.select({ times: count() })
		.from(audit)
		.where(and(eq(audit.personId, act.personId), gt(audit.at, act.since), eq(audit.verb, act.verb)));
	return counted?.times ?? 0;
}
