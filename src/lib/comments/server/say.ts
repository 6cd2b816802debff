import { and, asc, desc, eq, ne } from 'drizzle-orm';
import { rightTo } from '#lib/documents/server/index.ts';
import type { DocumentRow } from '#lib/documents/server/index.ts';
import type { PersonId } from '#lib/ids.ts';
import { record } from '#lib/records/server/index.ts';
import { sessionNow } from '#lib/rooms/server/index.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { Placed } from '#lib/server/authorize.ts';
import { Invalid } from '#lib/server/errors.ts';
import type { ThreadRow } from './find.ts';
import { commentReplies } from './table.ts';

const characters = (text: string): number => [...text].length;

/** Adds what the actor says to a thread; it becomes one statement. */
export async function say(
	ctx: Context,
	{ thread, document, place }: { thread: ThreadRow; document: DocumentRow; place: Placed },
	{ text, proposal, named = [] }: { text: string; proposal?: string | undefined; named?: PersonId[] | undefined }
): Promise<void> {
	if (text === '' && proposal === undefined) throw new Invalid();
	const { personId, memberships } = requireActor(ctx);
	const role = rightTo({ memberships }, place, document)?.role ?? 'student';
	const answered = await answeredIn(ctx, thread, personId);
	const at = ctx.now();
	const [reply] = await ctx.db
		.insert(commentReplies)
		.values({ threadId: thread.id, documentId: document.id, personId, role, text, proposal: proposal ?? null, named, at })
		.returning({ id: commentReplies.id });
	if (!reply) throw new Error('a reply was inserted and not returned');
	await record(ctx, [
		{
			key: `comment:${reply.id}`,
			verb: 'commented',
			actorId: personId,
			role,
			spacePath: place.path,
			roomId: document.roomId,
			documentId: document.id,
			sessionId: await sessionNow(ctx, document.roomId),
			targetId: answered,
			startedAt: at,
			amount: characters(text) + characters(proposal ?? '')
		}
	]);
}

/** Who is answered: whoever else spoke last in the thread; nobody when nobody else did. */
async function answeredIn(ctx: Context, { id }: ThreadRow, personId: PersonId): Promise<PersonId | null> {
	const [last] = await ctx.db
		.select({ personId: commentReplies.personId })
		.from(commentReplies)
		.where(and(eq(commentReplies.threadId, id), ne(commentReplies.personId, personId)))
		.orderBy(desc(commentReplies.at), asc(commentReplies.id))
		.limit(1);
	return last?.personId ?? null;
}
