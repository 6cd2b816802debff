import { eq } from 'drizzle-orm';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { transaction } from '#lib/server/transaction.ts';
import { ResolveThread } from '../model.ts';
import type { Thread } from '../model.ts';
import { findThread } from './find.ts';
import { presentOne } from './present.ts';
import { commentThreads } from './table.ts';

/** Say that a thread is dealt with, or open it again. Resolved twice, the first time counts. */
export async function resolveThread(ctx: Context, input: ResolveThread): Promise<Thread> {
	const { resolved, ...named } = ResolveThread.parse(input);
	return transaction(ctx, async (ctx) => {
		const { thread, document, place } = await findThread(ctx, named);
		authorize(ctx, 'comment.write', place);
		if (resolved === (thread.resolvedAt !== null)) return presentOne(ctx, thread, place);
		const change = resolved
			? { resolvedAt: ctx.now(), resolvedBy: requireActor(ctx).personId }
			: { resolvedAt: null, resolvedBy: null };
		await ctx.db.update(commentThreads).set(change).where(eq(commentThreads.id, thread.id));
		await publish(ctx.db, { kind: 'comments', roomId: document.roomId, documentId: document.id, threadId: thread.id });
		return presentOne(ctx, { ...thread, ...change }, place);
	});
}
