import type {
	DisconnectReason,
	LocalParticipant,
	Participant,
	RemoteTrack,
	RemoteTrackPublication,
	Room,
	Track,
	TrackPublication
} from 'livekit-client';
import { troubleOf } from './devices.svelte.ts';
import type { DeviceChoice, DeviceKind, DeviceTrouble } from './devices.svelte.ts';
import { Ink } from './ink.svelte.ts';
import { followHowl, quiet } from './howl.ts';
import { seatOf } from './model.ts';
import type { Grants } from './model.ts';
import { followLine, freshLine } from './network.ts';
import type { LineQuality, Thrift } from './network.ts';
import { arrange } from './stage.ts';

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
	/** Names this share for all who see it, until it ends. */
	share: string;
}

export interface StageTrouble {
	kind: DeviceKind | 'screen';
	why: DeviceTrouble;
}

/** What a stage needs from its page. */
interface StageDeps {
	/** A fresh way into the call; throws an error whose message is a sentence for people. */
	grant: (how: { companion: boolean }) => Promise<{ url: string; token: string }>;
	/** The sentence for when the media server cannot be reached. */
	noConnection: () => string;
	/** Whether a person leads, and so wipes away what others drew. */
	leads: (personId: string) => boolean;
}

/** Pauses between attempts to come back after a cut, in milliseconds; the last one goes on for ever. */
const pauses = [100, 400, 800, 1_500, 2_500];
/** How often the line is looked at, in milliseconds. */
const look = 2_000;
/** How long sending a picture takes to show what the line carries, in milliseconds. */
const warmUp = 8_000;
/** What strokes on shared screens travel as. */
const inkTopic = 'ink';

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
	/** No video is received or sent, as the person chose. */
	audioOnly = $state(false);
	/** What is given up by itself, for a weak network. */
	thrift = $state<Thrift>('none');
	/** Beside another device in the same place: nothing is heard here, and nothing is said. */
	silent = $state(false);
	/** The second device of a person who is in the call with another one. */
	companion = $state(false);
	/** A tone grows between a speaker and this microphone. */
	howls = $state(false);
	/** What is drawn on the shared screens. */
	readonly ink: Ink;
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
	#line = freshLine();
	#looking: ReturnType<typeof setInterval> | undefined;
	#sendsSince: number | null = null;
	#came = { packets: 0, lost: 0 };
	/** One's shared screen, kept beside the call so that it comes back after a cut without asking again. */
	#shared: MediaStreamTrack[] = [];
	/** Ends the pause before the next attempt to come back. */
	#hurry: (() => void) | undefined;

	constructor(deps: StageDeps) {
		this.#deps = deps;
		this.ink = new Ink({
			send: (bytes, to) => void this.#send(bytes, to),
			clears: (personId, share) => deps.leads(personId) || this.#ownerOf(share) === personId
		});
	}

	/** Joins the call with what was chosen, and stays in it until `leave`, over any cut of the network. */
	async join(choice: DeviceChoice, { silent = false, companion = false } = {}): Promise<void> {
		this.silent = silent || companion;
		this.companion = companion;
		this.howls = false;
		this.choice = this.silent ? { ...choice, microphone: false, camera: choice.camera && !companion } : choice;
		this.#closed = false;
		this.trouble = null;
		this.#line = freshLine();
		this.thrift = 'none';
		this.state = 'connecting';
		addEventListener('online', this.#online);
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
		if (!can.screen) this.#letGoOfShared();
	}

	async turnMicrophone(on: boolean): Promise<void> {
		this.choice = { ...this.choice, microphone: on };
		await this.#turn('microphone', on, (me) => me.setMicrophoneEnabled(on, named(this.choice.microphoneId)));
	}

	async turnCamera(on: boolean): Promise<void> {
		this.choice = { ...this.choice, camera: on };
		// Whoever asks for a picture gets one, for as long as the line carries it.
		if (on && this.thrift !== 'none') await this.tryPictures();
		await this.#turn('camera', on, (me) => me.setCameraEnabled(on, named(this.choice.cameraId)));
	}

	async share(on: boolean, { sound = false } = {}): Promise<void> {
		await this.#turn('screen', on, (me) =>
			me.setScreenShareEnabled(on, { audio: sound, selfBrowserSurface: 'exclude', surfaceSwitching: 'include' })
		);
		this.#keepShared();
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
		// A picture that was given up for the voices does not come back by a look at the devices.
		const held = this.audioOnly || this.thrift !== 'none';
		if (choice.camera !== this.camera && !(choice.camera && held)) await this.turnCamera(choice.camera);
	}

	async setAudioOnly(on: boolean): Promise<void> {
		this.audioOnly = on;
		this.#choosePictures();
		if (on && this.camera) await this.turnCamera(false);
	}

	/** Shows pictures again now, also when the line was weak; they go again when it still is. */
	async tryPictures(): Promise<void> {
		this.#line = { ...this.#line, thrift: 'none', badSince: null, goodSince: null, triedAt: performance.now() };
		await this.#save(this.#line.thrift);
	}

	/** Beside another device in the same place one neither hears nor says anything here; or does again. */
	async setSilent(on: boolean): Promise<void> {
		this.silent = on;
		this.howls = false;
		if (on && this.microphone) await this.turnMicrophone(false);
		this.#refresh();
	}

	async playSound(): Promise<void> {
		await this.#room?.startAudio();
	}

	async #connect(): Promise<void> {
		const [{ Room, VideoPresets, DefaultReconnectPolicy }, { url, token }] = await Promise.all([
			import('livekit-client'),
			this.#deps.grant({ companion: this.companion })
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
		this.ink.me = room.localParticipant.identity;
		this.#choosePictures();
		this.#refresh();
		this.ink.retell();
		clearInterval(this.#looking);
		this.#came = { packets: 0, lost: 0 };
		this.#looking = setInterval(() => void this.#look(), look);
		await this.#bringDevices();
	}

	async #bringDevices(): Promise<void> {
		if (this.choice.microphone && this.#can.microphone) await this.turnMicrophone(true);
		if (this.choice.camera && this.#can.camera && !this.audioOnly && this.thrift === 'none') await this.turnCamera(true);
		await this.#shareAgain();
	}

	async #follow(room: Room): Promise<void> {
		const { RoomEvent } = await import('livekit-client');
		const refresh = () => room === this.#room && this.#refresh();
		for (const event of [
			RoomEvent.ParticipantConnected,
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
			this.#choosePicture(publication);
			refresh();
		});
		room.on(RoomEvent.ParticipantDisconnected, ({ identity }) => {
			if (room !== this.#room) return;
			this.ink.forget(identity);
			this.#refresh();
		});
		room.on(RoomEvent.ParticipantActive, ({ identity }) => room === this.#room && this.ink.retell(identity));
		room.on(RoomEvent.DataReceived, (bytes, sender, _kind, topic) => {
			// The media server says who sent it; what comes from nobody, or is about something else, is not for us.
			if (room === this.#room && sender && topic === inkTopic) this.ink.hear(sender.identity, bytes);
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
			await this.#pause(pauses[attempt] ?? pauses.at(-1)!);
			try {
				await this.#connect();
			} catch (error) {
				// Refused is refused: coming back will not help. Anything else may pass.
				if (isRefusal(error)) return this.#unavailable(error);
			}
		}
	}

	#keepShared(): void {
		const me = this.#room?.localParticipant;
		this.#letGoOfShared();
		if (!me?.isScreenShareEnabled) return;
		const shared = [publicationOf(me, 'screen_share'), publicationOf(me, 'screen_share_audio')];
		this.#shared = shared.flatMap((publication) => publication?.track?.mediaStreamTrack.clone() ?? []);
		// Ended by the browser's own button.
		for (const track of this.#shared) track.addEventListener('ended', () => this.#letGoOfShared());
	}

	#letGoOfShared(): void {
		for (const track of this.#shared) track.stop();
		this.#shared = [];
	}

	/** After a cut: what was shared is shared again, when it may be and has not ended meanwhile. */
	async #shareAgain(): Promise<void> {
		const room = this.#room;
		const kept = this.#shared.filter(({ readyState }) => readyState === 'live');
		if (!room || kept.length === 0 || !this.#can.screen || room.localParticipant.isScreenShareEnabled) return;
		const { Track } = await import('livekit-client');
		for (const track of kept) {
			const source = track.kind === 'video' ? Track.Source.ScreenShare : Track.Source.ScreenShareAudio;
			await room.localParticipant.publishTrack(track.clone(), { source }).catch(() => undefined);
		}
		this.#refresh();
	}

	/** Waits, but no longer than until the network is back. */
	#pause(time: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, time);
			this.#hurry = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}
	readonly #online = () => this.#hurry?.();

	#quiet(): void {
		this.#letGoOfShared();
		clearInterval(this.#looking);
		removeEventListener('online', this.#online);
		this.ink.close();
	}

	#finish(end: StageEnd): void {
		this.#closed = true;
		this.#quiet();
		const room = this.#room;
		this.#room = undefined;
		this.end = end;
		this.state = 'ended';
		this.#refresh();
		void room?.disconnect();
	}

	#unavailable(error: unknown): void {
		this.#quiet();
		const room = this.#room;
		this.#room = undefined;
		this.reason = error instanceof Error && 'status' in error ? error.message : this.#deps.noConnection();
		this.state = 'unavailable';
		this.#refresh();
		void room?.disconnect();
	}

	#ownerOf(share: string): string | undefined {
		const room = this.#room;
		const all: Participant[] = room ? [room.localParticipant, ...room.remoteParticipants.values()] : [];
		return all.find(({ trackPublications }) => trackPublications.has(share))?.identity;
	}

	async #send(bytes: Uint8Array<ArrayBuffer>, to?: string): Promise<void> {
		const room = this.#room;
		if (room?.state !== 'connected') return;
		const about = { reliable: true, topic: inkTopic, ...(to && { destinationIdentities: [to] }) };
		// A cut meanwhile: everything is told again when one is back.
		await room.localParticipant.publishData(bytes, about).catch(() => undefined);
	}

	/** Which moving pictures come: all, none, or only shared screens. */
	#choosePictures(): void {
		for (const participant of this.#room?.remoteParticipants.values() ?? [])
			for (const publication of participant.videoTrackPublications.values()) this.#choosePicture(publication);
	}

	#choosePicture(publication: RemoteTrackPublication): void {
		if (publication.kind !== 'video') return;
		const saved = this.thrift === 'video' || (this.thrift === 'cameras' && publication.source === 'camera');
		const wanted = !this.audioOnly && !saved;
		if (publication.isDesired !== wanted) publication.setSubscribed(wanted);
	}

	/** Looks at the line, and gives up pictures for voices or takes them back. */
	async #look(): Promise<void> {
		const room = this.#room;
		if (!room || this.state !== 'connected') return;
		const { engine, localParticipant: me } = room;
		const at = performance.now();
		const sends = me.isCameraEnabled || me.isScreenShareEnabled;
		this.#sendsSince = sends ? (this.#sendsSince ?? at) : null;
		const warm = this.#sendsSince !== null && at - this.#sendsSince > warmUp;
		const [out, came] = await Promise.all([
			warm ? engine.pcManager?.publisher.getStats() : undefined,
			(engine.pcManager?.subscriber ?? engine.pcManager?.publisher)?.getStats()
		]).catch(() => [undefined, undefined]);
		if (room !== this.#room) return;
		const before = this.#came;
		this.#came = countCame(came);
		const [packets, lost] = [this.#came.packets - before.packets, this.#came.lost - before.lost];
		this.#line = followLine(this.#line, {
			at,
			quality: me.connectionQuality as LineQuality,
			kbps: sendable(out),
			loss: packets > 20 && lost >= 0 ? lost / (packets + lost) : null
		});
		await this.#save(this.#line.thrift);
	}

	async #save(thrift: Thrift): Promise<void> {
		if (thrift === this.thrift) return;
		this.thrift = thrift;
		this.#choosePictures();
		const on = thrift === 'none' && this.choice.camera && this.#can.camera && !this.audioOnly;
		if (on !== this.camera) await this.#turn('camera', on, (me) => me.setCameraEnabled(on, named(this.choice.cameraId)));
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

	/** Listens at one's own open microphone for a tone that grows; nothing of it is kept. */
	#listen(me: LocalParticipant | undefined): void {
		const track = me?.isMicrophoneEnabled ? publicationOf(me, 'microphone')?.track?.mediaStreamTrack : undefined;
		if (track === this.#heard) return;
		this.#stopListening?.();
		this.#heard = track;
		if (!track) return;
		const audio = new AudioContext();
		const analyser = new AnalyserNode(audio, { fftSize: 2048, smoothingTimeConstant: 0 });
		audio.createMediaStreamSource(new MediaStream([track])).connect(analyser);
		const spectrum = new Float32Array(analyser.frequencyBinCount);
		let howl = quiet;
		const timer = setInterval(() => {
			analyser.getFloatFrequencyData(spectrum);
			howl = followHowl(howl, spectrum, performance.now());
			if (howl.howls) this.howls = true;
		}, 100);
		this.#stopListening = () => {
			clearInterval(timer);
			void audio.close();
		};
	}
	#heard: MediaStreamTrack | undefined;
	#stopListening: (() => void) | undefined;

	/** Reads the call anew: who is in it and what they show. */
	#refresh(): void {
		const room = this.#room;
		const me = room?.localParticipant;
		const others = room ? [...room.remoteParticipants.values()] : [];
		const outsiders = others.filter(({ identity }) => seatOf(identity).seat === 'outside');
		this.addressedBy = outsiders.find((one) => one.isMicrophoneEnabled)?.name ?? null;
		const within = others.filter((one) => !outsiders.includes(one));
		const all: Participant[] =
			room?.state === 'connected' || room?.state === 'reconnecting' ? [...(me ? [me] : []), ...within] : [];
		// While one is cut off everybody keeps their place, so that the stage does not jump.
		if (!room && this.state === 'reconnecting') {
			this.tiles = this.tiles.map((tile) => ({ ...tile, camera: null }));
			this.screens = [];
			this.sounds = [];
			this.speaking = new Set();
			return;
		}
		this.#order = arrange(
			this.#order,
			all.map(({ identity }) => identity),
			this.#lastSpoke
		);
		const place = new Map(this.#order.map((identity, index) => [identity, index]));
		const inOrder = all.toSorted((a, b) => (place.get(a.identity) ?? 0) - (place.get(b.identity) ?? 0));
		// A second device has no place of its own.
		this.tiles = inOrder
			.filter(({ identity }) => seatOf(identity).seat !== 'companion')
			.map((participant) => tileOf(participant, participant === me));
		this.screens = inOrder.flatMap((participant) => screenOf(participant, participant === me) ?? []);
		this.sounds = (this.silent ? [] : others).flatMap((participant) =>
			[...participant.audioTrackPublications.values()].flatMap(({ track }) => (track ? soundOf(track as RemoteTrack) : []))
		);
		this.microphone = me?.isMicrophoneEnabled ?? false;
		this.#listen(me);
		this.camera = me?.isCameraEnabled ?? false;
		this.sharing = me?.isScreenShareEnabled ?? false;
		if (!room) this.speaking = new Set();
		if (this.state === 'connected') this.ink.keep(new Set(all.flatMap(sharesOf)));
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

const sharesOf = ({ trackPublications }: Participant): string[] =>
	[...trackPublications.values()].filter(({ source }) => source === 'screen_share').map(({ trackSid }) => trackSid);

/** Packets that came and that were lost on the way, over all of a connection. */
function countCame(stats: RTCStatsReport | undefined): { packets: number; lost: number } {
	let [packets, lost] = [0, 0];
	for (const stat of stats?.values() ?? []) {
		if (stat.type !== 'inbound-rtp') continue;
		packets += stat.packetsReceived ?? 0;
		lost += stat.packetsLost ?? 0;
	}
	return { packets, lost };
}

/** What the browser thinks may be sent, in kbit/s, where pictures want more than that; a picture that hardly changes tells nothing. */
function sendable(stats: RTCStatsReport | undefined): number | null {
	const all = [...(stats?.values() ?? [])];
	if (!all.some(({ qualityLimitationReason }) => qualityLimitationReason === 'bandwidth')) return null;
	for (const stat of all)
		if (stat.type === 'candidate-pair' && stat.nominated && stat.availableOutgoingBitrate)
			return stat.availableOutgoingBitrate / 1000;
	return null;
}

const tileOf = (participant: Participant, me: boolean): Tile => ({
	personId: participant.identity,
	name: participant.name ?? '',
	me,
	camera: pictureOf(publicationOf(participant, 'camera')),
	microphone: participant.isMicrophoneEnabled
});

function screenOf(participant: Participant, me: boolean): Screen | null {
	const publication = publicationOf(participant, 'screen_share');
	const picture = pictureOf(publication);
	if (!picture || !publication) return null;
	return {
		...picture,
		personId: seatOf(participant.identity).personId,
		name: participant.name ?? '',
		me,
		share: publication.trackSid
	};
}
