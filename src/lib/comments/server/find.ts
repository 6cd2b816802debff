import { and, eq, isNull } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import type { DocumentRow } from '#lib/documents/server/index.ts';
import type { DocumentId, Id } from '#lib/ids.ts';
import type { Placed } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { NotFound } from '#lib/server/errors.ts';
import { commentReplies, commentThreads } from './table.ts';

export type ThreadId = Id<'thread'>;
export type ThreadRow = typeof commentThreads.$inferSelect;
export type ReplyRow = typeof commentReplies.$inferSelect;

/** A thread of a document, and the place of the document for the policy. */
export async function findThread(
	ctx: Context,
	{ documentId, threadId }: { documentId: DocumentId; threadId: ThreadId }
): Promise<{ thread: ThreadRow; document: DocumentRow; place: Placed }> {
	const found = await findDocument(ctx, documentId);
	const [thread] = await ctx.db
		.select()
		.from(commentThreads)
		.where(and(eq(commentThreads.id, threadId), eq(commentThreads.documentId, documentId)));
	if (!thread) throw new NotFound();
	return { thread, ...found };
}

/** Something that was said in a thread and is not taken back. */
export async function findReply(ctx: Context, { id }: ThreadRow, replyId: Id<'reply'>): Promise<ReplyRow> {
	const [reply] = await ctx.db
		.select()
		.from(commentReplies)
		.where(and(eq(commentReplies.id, replyId), eq(commentReplies.threadId, id), isNull(commentReplies.deletedAt)));
	if (!reply) throw new NotFound();
	return reply;
}
