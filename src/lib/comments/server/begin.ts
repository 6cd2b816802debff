import { count, eq } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { BeginThread, mostThreads } from '../model.ts';
import type { Thread } from '../model.ts';
import { presentOne } from './present.ts';
import { say } from './say.ts';
import { commentThreads } from './table.ts';

/** Say something about a place in a document. */
export async function beginThread(ctx: Context, input: BeginThread): Promise<Thread> {
	const { documentId, anchor, quote, ...said } = BeginThread.parse(input);
	return transaction(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, 'comment.write', place);
		const [there] = await ctx.db
			.select({ threads: count() })
			.from(commentThreads)
			.where(eq(commentThreads.documentId, documentId));
		if ((there?.threads ?? 0) >= mostThreads) throw new Conflict('comments.tooManyThreads');
		const [thread] = await ctx.db
			.insert(commentThreads)
			.values({ documentId, ...anchor, quote, createdAt: ctx.now() })
			.returning();
		if (!thread) throw new Error('a thread was inserted and not returned');
		await say(ctx, { thread, document, place }, said);
		await publish(ctx.db, { kind: 'comments', roomId: document.roomId, documentId, threadId: thread.id });
		return presentOne(ctx, thread, place);
	});
}
