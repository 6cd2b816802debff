import { eq } from 'drizzle-orm';
import { createDocument } from '#lib/documents/server/index.ts';
import { m } from '#lib/i18n/generated/messages.js';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import { idOf } from '#lib/ids.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { findRoom, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, Unavailable } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { SwitchCaptions } from '../model.ts';
import { notesOf } from './see.ts';
import { sessionNotes } from './table.ts';

/** Days are those of schools in China, wherever the server stands. */
const zone = 'Asia/Shanghai';

/** The text for notes of the session that goes on: made by the first who opens it, named by the day and the room. */
export async function openNotes(ctx: Context, input: { roomId: string }, locale: Locale): Promise<{ documentId: string }> {
	const roomId = idOf('room').parse(input.roomId);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'document.create', placeOf(room));
		const sessionId = await sessionNow(ctx, roomId);
		if (!sessionId) throw new Conflict('rooms.enterFirst');
		// Two who open it in the same moment open one text.
		const [session] = await ctx.db.select().from(sessions).where(eq(sessions.id, sessionId)).for('update');
		if (!session) throw new Conflict('rooms.enterFirst');
		const { documentId } = await notesOf(ctx, sessionId);
		if (documentId) return { documentId };
		const day = session.startedAt.toLocaleDateString(locale, { timeZone: zone, month: 'long', day: 'numeric' });
		const title = [...m['captions.notesOf']({ day, room: room.title }, { locale })].slice(0, 80).join('');
		const { id } = await createDocument(ctx, { roomId, kind: 'text', title });
		await ctx.db
			.insert(sessionNotes)
			.values({ sessionId, roomId, spacePath: room.spacePath, documentId: id })
			.onConflictDoUpdate({ target: sessionNotes.sessionId, set: { documentId: id } });
		await publish(ctx.db, { kind: 'captions', roomId });
		return { documentId: id };
	});
}

/** Say whether what is said in the session that goes on becomes text for all. */
export async function switchCaptions(ctx: Context, input: SwitchCaptions): Promise<void> {
	const { roomId, on } = SwitchCaptions.parse(input);
	await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'caption.lead', placeOf(room));
		if (on && !ctx.services.env.SPEECH_URL) throw new Unavailable('captions.none');
		const sessionId = await sessionNow(ctx, roomId);
		if (!sessionId) throw new Conflict('rooms.enterFirst');
		await ctx.db
			.insert(sessionNotes)
			.values({ sessionId, roomId, spacePath: room.spacePath, captions: on })
			.onConflictDoUpdate({ target: sessionNotes.sessionId, set: { captions: on } });
		await auditAct(ctx, { verb: 'caption.switch', object: { type: 'room', id: roomId }, path: room.spacePath, detail: { on } });
		await publish(ctx.db, { kind: 'captions', roomId });
	});
}
