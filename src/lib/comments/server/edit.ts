import { eq } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Forbidden, Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { EditReply, RemoveReply } from '../model.ts';
import type { Thread } from '../model.ts';
import { findReply, findThread } from './find.ts';
import { presentOne } from './present.ts';
import { commentReplies } from './table.ts';

/** Say it otherwise: one's own words only. */
export async function editReply(ctx: Context, input: EditReply): Promise<Thread> {
	const { text, named = [], replyId, ...which } = EditReply.parse(input);
	return transaction(ctx, async (ctx) => {
		const { thread, document, place } = await findThread(ctx, which);
		authorize(ctx, 'comment.write', place);
		const reply = await findReply(ctx, thread, replyId);
		if (text === '' && reply.proposal === null) throw new Invalid();
		if (reply.personId !== requireActor(ctx).personId) throw new Forbidden();
		await ctx.db.update(commentReplies).set({ text, named, editedAt: ctx.now() }).where(eq(commentReplies.id, replyId));
		await publish(ctx.db, { kind: 'comments', roomId: document.roomId, documentId: document.id, threadId: thread.id });
		return presentOne(ctx, thread, place);
	});
}

/** Take back what one has said; who looks after the document takes away anybody's words, which is audited. */
export async function removeReply(ctx: Context, input: RemoveReply): Promise<Thread> {
	const { replyId, ...named } = RemoveReply.parse(input);
	return transaction(ctx, async (ctx) => {
		const { thread, document, place } = await findThread(ctx, named);
		authorize(ctx, 'comment.write', place);
		const reply = await findReply(ctx, thread, replyId);
		const own = reply.personId === requireActor(ctx).personId;
		if (!own && !may(ctx, 'document.change', place)) throw new Forbidden();
		await ctx.db
			.update(commentReplies)
			.set({ text: '', proposal: null, named: [], deletedAt: ctx.now() })
			.where(eq(commentReplies.id, replyId));
		if (!own) {
			await auditAct(ctx, {
				verb: 'comment.remove',
				object: { type: 'document', id: document.id },
				path: place.path,
				detail: { reply: replyId, author: reply.personId }
			});
		}
		await publish(ctx.db, { kind: 'comments', roomId: document.roomId, documentId: document.id, threadId: thread.id });
		return presentOne(ctx, thread, place);
	});
}
