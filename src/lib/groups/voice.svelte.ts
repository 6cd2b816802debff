import type { LocalAudioTrack, Room } from 'livekit-client';
import { m } from '#lib/i18n/generated/messages.js';
import { sentenceOf } from '#lib/ui/acts.svelte.ts';
import { call, client, Refused } from '#lib/ui/client.ts';

interface Line {
	room: Room;
	track: LocalAudioTrack;
}

/**
 * The voice of whoever leads, in the calls of all groups at once. The lines are opened when one first speaks, stay open
 * and silent, so that the next word is heard at once, and end with the groups.
 */
export class Voice {
	/** Whether one is heard now. */
	speaking = $state(false);
	/** One wants to be heard, and the lines are not there yet. */
	connecting = $state(false);
	/** Why one is not heard, or not everywhere. */
	trouble = $state('');
	readonly #roomId: string;
	#lines: Line[] | null = null;
	#opening: Promise<Line[]> | null = null;
	#source: LocalAudioTrack | null = null;
	#wanted = false;
	/** Grows when the lines are let go of: what was being opened for the ones before is closed again. */
	#turn = 0;

	constructor(roomId: string) {
		this.#roomId = roomId;
	}

	/** Be heard by all groups of a set, or no longer. */
	async speak(setId: string, on: boolean): Promise<void> {
		this.#wanted = on;
		if (!on) return this.#mute();
		this.trouble = '';
		this.connecting = this.#lines === null;
		try {
			const lines = this.#lines ?? (await (this.#opening ??= this.#open(setId)));
			// Let go of meanwhile.
			if (!this.#wanted) return;
			await Promise.all(lines.map(({ track }) => track.unmute()));
			this.speaking = this.#wanted;
			if (!this.#wanted) await this.#mute();
		} catch (error) {
			this.trouble = error instanceof Refused ? sentenceOf(error) : m['groups.voice.failed']();
			this.close();
		} finally {
			this.connecting = false;
		}
	}

	/** Lets go of everything; speaking again opens it anew. */
	close(): void {
		this.#turn++;
		this.#wanted = false;
		this.speaking = false;
		this.connecting = false;
		for (const { room } of this.#lines ?? []) void room.disconnect();
		this.#lines = null;
		this.#opening = null;
		this.#source?.stop();
		this.#source = null;
	}

	async #mute(): Promise<void> {
		this.speaking = false;
		await Promise.all((this.#lines ?? []).map(({ track }) => track.mute()));
	}

	async #open(setId: string): Promise<Line[]> {
		const turn = this.#turn;
		const param = { roomId: this.#roomId, setId };
		const [livekit, { url, lines: given }] = await Promise.all([
			import('livekit-client'),
			call(client.rooms[':roomId'].groups[':setId'].voice.$post({ param }))
		]);
		const source = await livekit.createLocalAudioTrack({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });
		const address = new URL(url, location.href.replace(/^http/, 'ws')).href;
		const opened = await Promise.allSettled(given.map(({ token }) => this.#line(livekit, address, token, source)));
		const lines = opened.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
		if (turn !== this.#turn || lines.length === 0) {
			for (const { room } of lines) void room.disconnect();
			source.stop();
			if (turn !== this.#turn) return [];
			throw new Error('no group could be reached');
		}
		if (lines.length < given.length) this.trouble = m['groups.voice.some']({ count: given.length - lines.length });
		for (const { room } of lines) room.once(livekit.RoomEvent.Disconnected, () => this.#lost(room));
		this.#source = source;
		this.#opening = null;
		return (this.#lines = lines);
	}

	/** Into the call of one group: nobody hears anything before one speaks, and nothing is heard from there. */
	async #line(
		{ Room, LocalAudioTrack, Track }: typeof import('livekit-client'),
		url: string,
		token: string,
		source: LocalAudioTrack
	): Promise<Line> {
		const room = new Room();
		try {
			await room.connect(url, token, { autoSubscribe: false, maxRetries: 1 });
			const track = new LocalAudioTrack(source.mediaStreamTrack.clone(), undefined, false);
			await track.mute();
			await room.localParticipant.publishTrack(track, { source: Track.Source.Microphone, dtx: true, red: true });
			return { room, track };
		} catch (error) {
			void room.disconnect();
			throw error;
		}
	}

	/** A line that broke for good, or that the server took away: the next word opens all anew. */
	#lost(room: Room): void {
		if (!this.#lines?.some((line) => line.room === room)) return;
		this.trouble = this.speaking ? m['groups.voice.lost']() : '';
		this.close();
	}
}
