import type { PersonId, RoomId, SessionId } from '#lib/ids.ts';
import { idOf } from '#lib/ids.ts';
import { captionedSessions, recognise } from '#lib/captions/server/index.ts';
import { repeat } from '#lib/server/repeat.ts';
import type { Services } from '#lib/server/services.ts';
import type { MediaAddress } from '../livekit.ts';
import { joinUnseen } from '../recorder/call.ts';
import type { SentTrack, UnseenCall } from '../recorder/call.ts';
import { oggOf } from './ogg.ts';
import { Pieces } from './pieces.ts';
import type { Piece } from './pieces.ts';

/** How often it is asked in which sessions speech becomes text, in milliseconds. */
const round = 1_000;
/** So many pieces of one session wait for the recogniser; when it is slower than people speak, the oldest are left out. */
const mostWaiting = 20;

/** Turns what is said into captions in the sessions that want it; nothing of the sound is kept. */
export interface Captioner {
	close(): Promise<void>;
}

export function openCaptioner(services: Services, address: MediaAddress): Captioner {
	const held = new Map<SessionId, { close(): Promise<void> }>();
	const stop = repeat(services.log, round, 'captioning', async () => {
		const wanted = new Map((await captionedSessions(services)).map(({ sessionId, roomId }) => [sessionId, roomId]));
		for (const [sessionId, session] of held) {
			if (wanted.has(sessionId)) continue;
			held.delete(sessionId);
			await session.close();
		}
		for (const [sessionId, roomId] of wanted)
			if (!held.has(sessionId))
				held.set(sessionId, await listenIn(services, address, { sessionId, roomId }, () => held.delete(sessionId)));
	});
	return {
		async close() {
			stop();
			await Promise.all([...held.values()].map((session) => session.close()));
		}
	};
}

async function listenIn(
	services: Services,
	address: MediaAddress,
	{ sessionId, roomId }: { sessionId: SessionId; roomId: RoomId },
	lost: () => void
): Promise<{ close(): Promise<void> }> {
	const { log } = services;
	const speakers = new Map<string, { personId: PersonId; pieces: Pieces }>();
	const waiting: { personId: PersonId; piece: Piece }[] = [];
	let working: Promise<void> | undefined;
	let call: UnseenCall | undefined;

	async function work(): Promise<void> {
		for (let next = waiting.shift(); next; next = waiting.shift()) {
			const { personId, piece } = next;
			const startedAt = new Date(piece.startedAt);
			await recognise(services, { sessionId, personId, startedAt, audio: oggOf(piece.packets), type: 'audio/ogg' }).catch(
				(error: unknown) => log.warn({ err: error, roomId }, 'something that was said could not be recognised')
			);
		}
	}
	function hand(personId: PersonId, piece: Piece | null): void {
		if (!piece) return;
		waiting.push({ personId, piece });
		if (waiting.length > mostWaiting) waiting.shift();
		working ??= work().finally(() => (working = undefined));
	}

	function choose(tracks: readonly SentTrack[]): void {
		const microphones = tracks.filter(({ kind, muted }) => kind === 'microphone' && !muted);
		for (const { sid, personId } of microphones) {
			const known = idOf('person').safeParse(personId).data;
			if (known && !speakers.has(sid)) speakers.set(sid, { personId: known, pieces: new Pieces() });
		}
		for (const sid of speakers.keys()) if (!microphones.some((track) => track.sid === sid)) speakers.delete(sid);
		queueMicrotask(() => call?.take(new Set(speakers.keys())));
	}

	call = await joinUnseen(address, roomId, {
		tracks: choose,
		packet(sid, packet) {
			const speaker = speakers.get(sid);
			if (speaker) hand(speaker.personId, speaker.pieces.take(packet, Date.now()));
		},
		lost() {
			clearInterval(looking);
			lost();
		}
	});
	call.take(new Set(speakers.keys()));
	// Whoever falls silent may send nothing more.
	const looking = setInterval(() => {
		for (const { personId, pieces } of speakers.values()) hand(personId, pieces.look(Date.now()));
	}, 250);
	return {
		async close() {
			clearInterval(looking);
			call?.close();
			await working;
		}
	};
}
