import { asc, inArray } from 'drizzle-orm';
import type { PersonId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { may } from '#lib/server/authorize.ts';
import type { Placed } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import type { Thread } from '../model.ts';
import type { ReplyRow, ThreadRow } from './find.ts';
import { commentReplies } from './table.ts';

/** Threads with all that was said in them, in the order given. */
export async function presentThreads(ctx: Context, threads: readonly ThreadRow[], place: Placed): Promise<Thread[]> {
	if (threads.length === 0) return [];
	const ids = threads.map(({ id }) => id);
	const rows = await ctx.db
		.select()
		.from(commentReplies)
		.where(inArray(commentReplies.threadId, ids))
		.orderBy(asc(commentReplies.at), asc(commentReplies.id));
	const names = await namesOf(ctx, [
		...rows.map(({ personId }) => personId),
		...threads.flatMap(({ resolvedBy }) => resolvedBy ?? [])
	]);
	const somebody = (id: PersonId) => ({ id, name: names.get(id) ?? null });
	const writes = may(ctx, 'comment.write', place);
	const moderates = writes && may(ctx, 'document.change', place);
	const present = (row: ReplyRow) => {
		const own = writes && row.personId === ctx.actor?.personId;
		return {
			id: row.id,
			person: somebody(row.personId),
			role: row.role,
			text: row.text,
			proposal: row.proposal,
			named: row.named,
			at: row.at.toISOString(),
			editedAt: row.editedAt?.toISOString() ?? null,
			deletedAt: row.deletedAt?.toISOString() ?? null,
			can: { edit: own, remove: own || moderates }
		};
	};
	const byThread = Map.groupBy(rows, ({ threadId }) => threadId);
	return threads.map(({ id, from, to, quote, resolvedAt, resolvedBy }) => ({
		id,
		anchor: { from, to },
		quote,
		resolved: resolvedAt && resolvedBy ? { at: resolvedAt.toISOString(), by: somebody(resolvedBy) } : null,
		replies: (byThread.get(id) ?? []).map(present)
	}));
}

export async function presentOne(ctx: Context, thread: ThreadRow, place: Placed): Promise<Thread> {
	const [presented] = await presentThreads(ctx, [thread], place);
	if (!presented) throw new Error('a thread was not presented');
	return presented;
}

/** The names of people, as far as the asker may see them. */
async function namesOf(ctx: Context, ids: readonly PersonId[]): Promise<Map<string, string>> {
	if (ids.length === 0) return new Map();
	const rows = await ctx.db
		.select({ id: people.id, name: people.name })
		.from(people)
		.where(inArray(people.id, [...new Set(ids)]));
	return new Map(rows.map(({ id, name }) => [id, name]));
}
