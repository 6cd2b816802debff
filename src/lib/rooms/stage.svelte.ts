import type { DisconnectReason, LocalParticipant, Participant, RemoteTrack, Room, Track, TrackPublication } from 'livekit-client';
import { troubleOf } from './devices.svelte.ts';
import type { DeviceChoice, DeviceKind, DeviceTrouble } from './devices.svelte.ts';
import type { Grants } from './model.ts';
import { arrange, outsiderOf } from './stage.ts';

export type StageState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'unavailable' | 'ended';

/** Why one is no longer in the call, and will not be taken back by itself. */
export type StageEnd = 'left' | 'elsewhere' | 'removed';

/** A moving picture: shown by an element for as long as it is attached. */
export interface Picture {
	id: string;
	/** Shows it in an element; returns how to end that. */
	attach(element: HTMLVideoElement): () => void;
}

/** A sound of somebody else, played by an element while attached. */
export interface Sound {
	id: string;
	attach(element: HTMLAudioElement): () => void;
}

/** One person in the call. */
export interface Tile {
	personId: string;
	name: string;
	me: boolean;
	camera: Picture | null;
	microphone: boolean;
}

/** A screen that someone shares. */
export interface Screen extends Picture {
	personId: string;
	name: string;
	me: boolean;
}

export interface StageTrouble {
	kind: DeviceKind | 'screen';
	why: DeviceTrouble;
}

/** What a stage needs from its page. */
interface StageDeps {
	/** A fresh way into the call; throws an error whose message is a sentence for people. */
	grant: () => Promise<{ url: string; token: string }>;
	/** The sentence for when the media server cannot be reached. */
	noConnection: () => string;
}

/** Pauses between attempts to come back after a cut, in milliseconds; the last one goes on for ever. */
const pauses = [100, 400, 800, 1_500, 3_000, 5_000];

/** One person's call in one room: made in a page, left with it. */
export class Stage {
	state = $state<StageState>('idle');
	/** Why it is unavailable, in a sentence. */
	reason = $state('');
	end = $state<StageEnd>('left');
	tiles = $state.raw<Tile[]>([]);
	screens = $state.raw<Screen[]>([]);
	sounds = $state.raw<Sound[]>([]);
	speaking = $state.raw<ReadonlySet<string>>(new Set());
	/** Who speaks into this call from outside now, as to all groups at once; their name. */
	addressedBy = $state<string | null>(null);
	microphone = $state(false);
	camera = $state(false);
	sharing = $state(false);
	/** No video is received or sent, for a weak network. */
	audioOnly = $state(false);
	/** A device that did not open. */
	trouble = $state.raw<StageTrouble | null>(null);
	/** The browser waits for a click before it plays sound. */
	soundBlocked = $state(false);
	/** What the person wants to bring, also while it cannot be brought. */
	choice: DeviceChoice = { microphone: false, camera: false, microphoneId: null, cameraId: null };
	/** What the room lets one bring. */
	#can: Pick<Grants, 'microphone' | 'camera' | 'screen'> = { microphone: true, camera: true, screen: true };
	readonly #deps: StageDeps;
	readonly #lastSpoke = new Map<string, number>();
	#order: string[] = [];
	#room: Room | undefined;
	#closed = false;

	constructor(deps: StageDeps) {
		this.#deps = deps;
	}

	/** Joins the call with what was chosen, and stays in it until `leave`, over any cut of the network. */
	async join(choice: DeviceChoice): Promise<void> {
		this.choice = choice;
		this.#closed = false;
		this.trouble = null;
		this.state = 'connecting';
		try {
			await this.#connect();
		} catch (error) {
			if (!this.#closed) this.#unavailable(error);
		}
	}

	async leave(): Promise<void> {
		this.#finish('left');
	}

	/** What the room lets one bring now. What is taken away ends, and is not brought back unasked. */
	allow(can: Pick<Grants, 'microphone' | 'camera' | 'screen'>): void {
		this.#can = can;
		const { microphone, camera } = this.choice;
		this.choice = { ...this.choice, microphone: microphone && can.microphone, camera: camera && can.camera };
		if (!can.microphone && this.microphone) void this.turnMicrophone(false);
		if (!can.camera && this.camera) void this.turnCamera(false);
		if (!can.screen && this.sharing) void this.share(false);
	}

	async turnMicrophone(on: boolean): Promise<void> {
		this.choice = { ...this.choice, microphone: on };
		await this.#turn('microphone', on, (me) => me.setMicrophoneEnabled(on, named(this.choice.microphoneId)));
	}

	async turnCamera(on: boolean): Promise<void> {
		this.choice = { ...this.choice, camera: on };
		await this.#turn('camera', on, (me) => me.setCameraEnabled(on, named(this.choice.cameraId)));
	}

	async share(on: boolean, { sound = false } = {}): Promise<void> {
		await this.#turn('screen', on, (me) =>
			me.setScreenShareEnabled(on, { audio: sound, selfBrowserSurface: 'exclude', surfaceSwitching: 'include' })
		);
	}

	/** Takes other devices, also in the middle of a call. */
	async take(choice: DeviceChoice): Promise<void> {
		const before = this.choice;
		this.choice = choice;
		if (choice.microphoneId !== before.microphoneId)
			await this.#room?.switchActiveDevice('audioinput', choice.microphoneId ?? 'default').catch(() => undefined);
		if (choice.cameraId !== before.cameraId)
			await this.#room?.switchActiveDevice('videoinput', choice.cameraId ?? 'default').catch(() => undefined);
		if (choice.microphone !== this.microphone) await this.turnMicrophone(choice.microphone);
		if (choice.camera !== this.camera) await this.turnCamera(choice.camera);
	}

	async setAudioOnly(on: boolean): Promise<void> {
		this.audioOnly = on;
		for (const participant of this.#room?.remoteParticipants.values() ?? []) {
			for (const publication of participant.videoTrackPublications.values()) publication.setSubscribed(!on);
		}
		if (on && this.camera) await this.turnCamera(false);
	}

	async playSound(): Promise<void> {
		await this.#room?.startAudio();
	}

	async #connect(): Promise<void> {
		const [{ Room, VideoPresets, DefaultReconnectPolicy }, { url, token }] = await Promise.all([
			import('livekit-client'),
			this.#deps.grant()
		]);
		if (this.#closed) return;
		const room = new Room({
			adaptiveStream: true,
			dynacast: true,
			// A short try on the old connection; after it a fresh token and a new one.
			reconnectPolicy: new DefaultReconnectPolicy([0, 300, 700]),
			audioCaptureDefaults: {
				echoCancellation: true,
				noiseSuppression: true,
				autoGainControl: true,
				...named(this.choice.microphoneId)
			},
			videoCaptureDefaults: { resolution: VideoPresets.h540.resolution, ...named(this.choice.cameraId) },
			publishDefaults: { simulcast: true, dtx: true, red: true }
		});
		this.#room = room;
		await this.#follow(room);
		await room.connect(new URL(url, location.href.replace(/^http/, 'ws')).href, token, {
			maxRetries: 0,
			peerConnectionTimeout: 8_000
		});
		if (this.#closed) return void room.disconnect();
		this.state = 'connected';
		this.#refresh();
		await this.#bringDevices();
	}

	async #bringDevices(): Promise<void> {
		if (this.choice.microphone && this.#can.microphone) await this.turnMicrophone(true);
		if (this.choice.camera && this.#can.camera && !this.audioOnly) await this.turnCamera(true);
	}

	async #follow(room: Room): Promise<void> {
		const { RoomEvent } = await import('livekit-client');
		const refresh = () => room === this.#room && this.#refresh();
		for (const event of [
			RoomEvent.ParticipantConnected,
			RoomEvent.ParticipantDisconnected,
			RoomEvent.TrackSubscribed,
			RoomEvent.TrackUnsubscribed,
			RoomEvent.TrackMuted,
			RoomEvent.TrackUnmuted,
			RoomEvent.LocalTrackPublished,
			RoomEvent.LocalTrackUnpublished
		] as const) {
			room.on(event, refresh);
		}
		room.on(RoomEvent.TrackPublished, (publication) => {
			if (this.audioOnly && publication.kind === 'video') publication.setSubscribed(false);
			refresh();
		});
		room.on(RoomEvent.ActiveSpeakersChanged, (speakers) => this.#hear(speakers));
		room.on(RoomEvent.AudioPlaybackStatusChanged, () => (this.soundBlocked = !room.canPlaybackAudio));
		room.on(RoomEvent.Reconnecting, () => room === this.#room && (this.state = 'reconnecting'));
		room.on(RoomEvent.SignalReconnecting, () => room === this.#room && (this.state = 'reconnecting'));
		room.on(RoomEvent.Reconnected, () => {
			if (room !== this.#room) return;
			this.state = 'connected';
			this.#refresh();
		});
		room.on(RoomEvent.Disconnected, (reason) => room === this.#room && this.state !== 'connecting' && void this.#cut(reason));
	}

	/** The connection ended, and not by leaving. */
	async #cut(reason: DisconnectReason | undefined): Promise<void> {
		if (this.#closed) return;
		const { DisconnectReason } = await import('livekit-client');
		if (reason === DisconnectReason.DUPLICATE_IDENTITY) return this.#finish('elsewhere');
		if (reason === DisconnectReason.PARTICIPANT_REMOVED) return this.#finish('removed');
		this.state = 'reconnecting';
		this.#room = undefined;
		this.#refresh();
		for (let attempt = 0; !this.#closed && this.state === 'reconnecting'; attempt++) {
			await new Promise((resolve) => setTimeout(resolve, pauses[attempt] ?? pauses.at(-1)));
			try {
				await this.#connect();
			} catch (error) {
				// Refused is refused: coming back will not help. Anything else may pass.
				if (isRefusal(error)) return this.#unavailable(error);
			}
		}
	}

	#finish(end: StageEnd): void {
		this.#closed = true;
		const room = this.#room;
		this.#room = undefined;
		this.end = end;
		this.state = 'ended';
		this.#refresh();
		void room?.disconnect();
	}

	#unavailable(error: unknown): void {
		const room = this.#room;
		this.#room = undefined;
		this.reason = error instanceof Error && 'status' in error ? error.message : this.#deps.noConnection();
		this.state = 'unavailable';
		this.#refresh();
		void room?.disconnect();
	}

	async #turn(kind: StageTrouble['kind'], on: boolean, change: (me: LocalParticipant) => Promise<unknown>): Promise<void> {
		const me = this.#room?.localParticipant;
		if (!me) return;
		try {
			await change(me);
			if (this.trouble?.kind === kind) this.trouble = null;
		} catch (error) {
			const why = troubleOf(error);
			// Closing the browser's own list of screens is a choice, not a trouble.
			if (on && !(kind === 'screen' && why === 'denied')) this.trouble = { kind, why };
		}
		this.#refresh();
	}

	#hear(speakers: Participant[]): void {
		for (const { identity } of speakers) this.#lastSpoke.set(identity, Date.now());
		this.speaking = new Set(speakers.map(({ identity }) => identity));
		this.#refresh();
	}

	/** Reads the call anew: who is in it and what they show. */
	#refresh(): void {
		const room = this.#room;
		const me = room?.localParticipant;
		const others = room ? [...room.remoteParticipants.values()] : [];
		const outsiders = others.filter(({ identity }) => outsiderOf(identity) !== null);
		this.addressedBy = outsiders.find((one) => one.isMicrophoneEnabled)?.name ?? null;
		const within = others.filter((one) => !outsiders.includes(one));
		const all: Participant[] =
			room?.state === 'connected' || room?.state === 'reconnecting' ? [...(me ? [me] : []), ...within] : [];
		this.#order = arrange(
			this.#order,
			all.map(({ identity }) => identity),
			this.#lastSpoke
		);
		const place = new Map(this.#order.map((identity, index) => [identity, index]));
		const inOrder = all.toSorted((a, b) => (place.get(a.identity) ?? 0) - (place.get(b.identity) ?? 0));
		this.tiles = inOrder.map((participant) => tileOf(participant, participant === me));
		this.screens = inOrder.flatMap((participant) => screenOf(participant, participant === me) ?? []);
		this.sounds = others.flatMap((participant) =>
			[...participant.audioTrackPublications.values()].flatMap(({ track }) => (track ? soundOf(track as RemoteTrack) : []))
		);
		this.microphone = me?.isMicrophoneEnabled ?? false;
		this.camera = me?.isCameraEnabled ?? false;
		this.sharing = me?.isScreenShareEnabled ?? false;
		if (!room) this.speaking = new Set();
	}
}

const named = (deviceId: string | null) => (deviceId ? { deviceId } : {});

const isRefusal = (error: unknown): boolean =>
	error instanceof Error && 'status' in error && (error.status === 401 || error.status === 403 || error.status === 404);

function publicationOf(participant: Participant, source: `${Track.Source}`): TrackPublication | undefined {
	return [...participant.trackPublications.values()].find((publication) => publication.source === source);
}

function pictureOf(publication: TrackPublication | undefined): Picture | null {
	const track = publication?.track;
	if (!track || publication.isMuted) return null;
	return {
		id: track.sid ?? publication.trackSid,
		attach(element) {
			track.attach(element);
			return () => track.detach(element);
		}
	};
}

function soundOf(track: RemoteTrack): Sound {
	return {
		id: track.sid ?? '',
		attach(element) {
			track.attach(element);
			return () => track.detach(element);
		}
	};
}

const tileOf = (participant: Participant, me: boolean): Tile => ({
	personId: participant.identity,
	name: participant.name ?? '',
	me,
	camera: pictureOf(publicationOf(participant, 'camera')),
	microphone: participant.isMicrophoneEnabled
});

function screenOf(participant: Participant, me: boolean): Screen | null {
	const picture = pictureOf(publicationOf(participant, 'screen_share'));
	return picture && { ...picture, personId: participant.identity, name: participant.name ?? '', me };
}
