import { and, desc, eq, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { idOf } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import { audit } from './table.ts';

export const SeeAudit = z.strictObject({
	spaceId: idOf('space'),
	/** One act only, such as `signIn`. */
	verb: z.string().max(60).optional(),
	outcome: z.enum(['done', 'refused']).optional(),
	/** Rows older than this one. */
	before: z.uuid().optional(),
	limit: z.number().int().min(1).max(200).default(50)
});
export type SeeAudit = z.input<typeof SeeAudit>;

export interface AuditRow {
	id: string;
	at: string;
	/** Name of who acted, where the asker may know it. */
	who: string | null;
	role: string | null;
	verb: string;
	objectType: string;
	objectId: string | null;
	/** Name of the person acted upon. */
	object: string | null;
	address: string | null;
	outcome: 'done' | 'refused';
	detail: Record<string, string | number | boolean | null>;
}

/** What changed in a school or region, and who signed in there, newest first. */
export async function seeAudit(ctx: Context, input: SeeAudit): Promise<{ rows: AuditRow[]; next: string | null }> {
	const { spaceId, verb, outcome, before, limit } = SeeAudit.parse(input);
	return query(ctx, async (ctx) => {
		const space = await findSpace(ctx, spaceId);
		authorize(ctx, 'audit.see', space);
		const rows = await ctx.db
			.select({
				id: audit.id,
				at: audit.at,
				who: people.name,
				role: audit.role,
				verb: audit.verb,
				objectType: audit.objectType,
				objectId: audit.objectId,
				object: sql<
					string | null
				>`(select p.name from people p where ${audit.objectType} = 'person' and p.id::text = ${audit.objectId})`,
				address: audit.address,
				outcome: audit.outcome,
				detail: audit.detail
			})
			.from(audit)
			.leftJoin(people, eq(people.id, audit.personId))
			.where(
				and(
					sql`${audit.spacePath} <@ ${space.path}::ltree`,
					verb ? eq(audit.verb, verb) : undefined,
					outcome ? eq(audit.outcome, outcome) : undefined,
					before ? lt(audit.id, before as typeof audit.$inferSelect.id) : undefined
				)
			)
			// Ids sort by the time they were made.
			.orderBy(desc(audit.id))
			.limit(limit + 1);
		const page = rows.slice(0, limit).map((row) => ({ ...row, at: row.at.toISOString() }));
		return { rows: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
	});
}
