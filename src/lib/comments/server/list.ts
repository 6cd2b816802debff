import { and, asc, eq, gt } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import type { Id } from '#lib/ids.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { ListThreads, pageSize, SeeThread } from '../model.ts';
import type { Thread, ThreadPage } from '../model.ts';
import { findThread } from './find.ts';
import { presentOne, presentThreads } from './present.ts';
import { commentThreads } from './table.ts';

/** What is said about a document, thread by thread in the order in which they began, a page at a time. */
export async function listThreads(ctx: Context, input: ListThreads): Promise<ThreadPage> {
	const { documentId, after } = ListThreads.parse(input);
	return query(ctx, async (ctx) => {
		const { place } = await findDocument(ctx, documentId);
		authorize(ctx, 'comment.see', place);
		const rows = await ctx.db
			.select()
			.from(commentThreads)
			.where(and(eq(commentThreads.documentId, documentId), after ? gt(commentThreads.id, after as Id<'thread'>) : undefined))
			.orderBy(asc(commentThreads.id))
			.limit(pageSize + 1);
		const page = rows.slice(0, pageSize);
		return {
			threads: await presentThreads(ctx, page, place),
			next: rows.length > pageSize ? (page.at(-1)?.id ?? null) : null,
			can: { comment: may(ctx, 'comment.write', place) }
		};
	});
}

/** One thread, as after news of it. */
export async function seeThread(ctx: Context, input: SeeThread): Promise<Thread> {
	const named = SeeThread.parse(input);
	return query(ctx, async (ctx) => {
		const { thread, place } = await findThread(ctx, named);
		authorize(ctx, 'comment.see', place);
		return presentOne(ctx, thread, place);
	});
}
