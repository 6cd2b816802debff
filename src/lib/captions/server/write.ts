import { and, eq, isNull } from 'drizzle-orm';
import type { PersonId, RoomId, SessionId } from '#lib/ids.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { publish } from '#lib/server/changes.ts';
import { requireSystem, systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { longestCaption, Recognise } from '../model.ts';
import { speechOf } from './speech.ts';
import type { SpeechRecognition } from './speech.ts';
import { captions, sessionNotes } from './table.ts';

interface Said {
	sessionId: SessionId;
	personId: PersonId;
	pieces: readonly { from: Date; to: Date; text: string }[];
}

/** Write down what was understood of what somebody said; the same piece told twice is kept once. For listeners. */
export async function writeCaptions(ctx: Context, { sessionId, personId, pieces }: Said): Promise<number> {
	requireSystem(ctx);
	if (pieces.length === 0) return 0;
	return transaction(ctx, async (ctx) => {
		const [session] = await ctx.db.select().from(sessions).where(eq(sessions.id, sessionId));
		if (!session) return 0;
		const { spacePath, roomId } = session;
		const kept = await ctx.db
			.insert(captions)
			.values(
				pieces.map(({ from, to, text }) => ({
					sessionId,
					spacePath,
					personId,
					startedAt: from,
					endedAt: to,
					text: [...text].slice(0, longestCaption).join('')
				}))
			)
			.onConflictDoNothing()
			.returning({ id: captions.id });
		if (kept.length > 0) await publish(ctx.db, { kind: 'captions', roomId });
		return kept.length;
	});
}

const made = new WeakMap<Services, SpeechRecognition | null>();
function speech(services: Services): SpeechRecognition | null {
	const known = made.get(services);
	if (known !== undefined) return known;
	const opened = speechOf(services.env);
	made.set(services, opened);
	return opened;
}

/** Whether what is said in a session becomes text: the space can, and somebody who leads wants it. */
export async function isCaptioned(services: Services, sessionId: SessionId): Promise<boolean> {
	if (!speech(services)) return false;
	const [notes] = await query(systemContext(services), (ctx) =>
		ctx.db
			.select({ on: sessionNotes.captions })
			.from(sessionNotes)
			.where(and(eq(sessionNotes.sessionId, sessionId), eq(sessionNotes.captions, true)))
	);
	return notes !== undefined;
}

/** The sessions in which speech becomes text now; none when the space cannot do that. */
export async function captionedSessions(services: Services): Promise<{ sessionId: SessionId; roomId: RoomId }[]> {
	if (!speech(services)) return [];
	return query(systemContext(services), (ctx) =>
		ctx.db
			.select({ sessionId: sessionNotes.sessionId, roomId: sessionNotes.roomId })
			.from(sessionNotes)
			.innerJoin(sessions, eq(sessions.id, sessionNotes.sessionId))
			.where(and(eq(sessionNotes.captions, true), isNull(sessions.endedAt)))
	);
}

/**
 * Turns a piece of what one person said (Ogg/Opus or WAV) into captions, when the session wants it. Returns how many
 * were written; throws `Unavailable` when the recogniser does not answer, so that whoever cuts the sound may ask again.
 */
export async function recognise(services: Services, input: Recognise): Promise<number> {
	const { sessionId, personId, startedAt, audio, type } = Recognise.parse(input);
	const recogniser = speech(services);
	if (!recogniser || !(await isCaptioned(services, sessionId))) return 0;
	const heard = await recogniser.recognise(audio, type);
	const after = (seconds: number) => new Date(startedAt.getTime() + Math.round(seconds * 1_000));
	const pieces = heard.map(({ from, to, text }) => ({ from: after(from), to: after(to), text }));
	return writeCaptions(systemContext(services), { sessionId, personId, pieces });
}
