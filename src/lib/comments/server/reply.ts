import { count, eq } from 'drizzle-orm';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { mostReplies, ReplyTo } from '../model.ts';
import type { Thread } from '../model.ts';
import { findThread } from './find.ts';
import { presentOne } from './present.ts';
import { say } from './say.ts';
import { commentReplies } from './table.ts';

/** Answer in a thread. */
export async function replyTo(ctx: Context, input: ReplyTo): Promise<Thread> {
	const { text, proposal, named, ...which } = ReplyTo.parse(input);
	return transaction(ctx, async (ctx) => {
		const found = await findThread(ctx, which);
		const { thread, document, place } = found;
		authorize(ctx, 'comment.write', place);
		const [there] = await ctx.db.select({ replies: count() }).from(commentReplies).where(eq(commentReplies.threadId, thread.id));
		if ((there?.replies ?? 0) >= mostReplies) throw new Conflict('comments.tooManyReplies');
		await say(ctx, found, { text, proposal, named });
		await publish(ctx.db, { kind: 'comments', roomId: document.roomId, documentId: document.id, threadId: thread.id });
		return presentOne(ctx, thread, place);
	});
}
