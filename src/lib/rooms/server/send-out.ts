import { and, eq } from 'drizzle-orm';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { SendOut } from '../model.ts';
import { enforceSoon } from './enforce.ts';
import { findLed, leading } from './lead.ts';
import { endVisitsWithin } from './leave.ts';
import { participants } from './table.ts';

async function sendOut(ctx: Context, input: SendOut, admission: 'lobby' | 'removed'): Promise<void> {
	const { roomId, personId, message } = SendOut.parse(input);
	await leading(ctx, roomId, async (ctx, room) => {
		await findLed(ctx, room, personId);
		const now = ctx.now();
		await ctx.db
			.update(participants)
			.set({ admission, message, since: now, lastSeenAt: now, onStage: false, handAt: null, need: null })
			.where(and(eq(participants.roomId, roomId), eq(participants.personId, personId)));
		await endVisitsWithin(ctx, { roomId, personId });
		// Open documents and the chat close with the room.
		await publish(ctx.db, { kind: 'access', personId });
		return { verb: admission === 'lobby' ? 'room.toLobby' : 'room.turnOut', detail: { person: personId } };
	});
	await enforceSoon(ctx.services, roomId);
}

/** Send somebody back before the door, with a word of why; they come in again when they are let in. */
export const sendToLobby = (ctx: Context, input: SendOut): Promise<void> => sendOut(ctx, input, 'lobby');

/** Send somebody out until the session ends, with a word of why. */
export const turnOut = (ctx: Context, input: SendOut): Promise<void> => sendOut(ctx, input, 'removed');
