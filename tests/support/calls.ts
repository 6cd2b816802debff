import { setTimeout as wait } from 'node:timers/promises';
import {
	AudioFrame,
	AudioSource,
	LocalAudioTrack,
	LocalVideoTrack,
	Room,
	RoomEvent,
	TrackPublishOptions,
	TrackSource,
	VideoBufferType,
	VideoCodec,
	VideoFrame,
	VideoSource
} from '@livekit/rtc-node';
import type { Voice } from './voices.ts';

/** One person's end of a call, without a browser. */
export interface Call {
	/** Opens the microphone; what is said goes out in real time. Resolves with when it begins, in ms since 1970. */
	say(voice: Voice): Promise<{ begunAt: number; done: Promise<void> }>;
	/** Sends a moving picture of so many pixels until told to stop. */
	show(kind: 'camera' | 'screen', width: number, height: number): Promise<{ stop(): Promise<void> }>;
	/** Resolves when the call is over, for whatever reason. */
	ended: Promise<void>;
	leave(): Promise<void>;
}

/** Joins a call as a browser would, with DTX on as browsers have it. */
export async function joinCall(url: string, token: string): Promise<Call> {
	const room = new Room();
	let over = false;
	const ended = new Promise<void>((resolve) => room.once(RoomEvent.Disconnected, () => resolve()));
	void ended.then(() => (over = true));
	await room.connect(url, token, { autoSubscribe: false, dynacast: false });
	let source: AudioSource | undefined;

	async function openMicrophone(sampleRate: number): Promise<AudioSource> {
		const opened = new AudioSource(sampleRate, 1, 200);
		const track = LocalAudioTrack.createAudioTrack('microphone', opened);
		const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: true, red: true });
		await room.localParticipant?.publishTrack(track, options);
		return opened;
	}

	return {
		ended,
		async say(voice) {
			source ??= await openMicrophone(voice.sampleRate);
			const begunAt = Date.now();
			return { begunAt, done: send(source, voice, () => over) };
		},
		async show(kind, width, height) {
			const pictures = new VideoSource(width, height);
			const track = LocalVideoTrack.createVideoTrack(kind, pictures);
			const options = new TrackPublishOptions({
				source: kind === 'camera' ? TrackSource.SOURCE_CAMERA : TrackSource.SOURCE_SCREENSHARE,
				videoCodec: VideoCodec.VP8,
				simulcast: false
			});
			const publication = await room.localParticipant?.publishTrack(track, options);
			let count = 0;
			const drawing = setInterval(() => {
				if (!over) pictures.captureFrame(drawn(width, height, count++));
			}, 66);
			return {
				async stop() {
					clearInterval(drawing);
					if (!over && publication?.sid) await room.localParticipant?.unpublishTrack(publication.sid);
				}
			};
		},
		async leave() {
			over = true;
			await room.disconnect();
		}
	};
}

/** A picture with a bar that wanders. */
function drawn(width: number, height: number, count: number): VideoFrame {
	const data = new Uint8Array((width * height * 3) / 2).fill(128);
	for (let row = 0; row < height; row++)
		data.fill(235, row * width + ((count * 8) % width), row * width + Math.min(width, ((count * 8) % width) + 24));
	return new VideoFrame(data, width, height, VideoBufferType.I420);
}

/** Sends frames of 20 ms, each when its time has come, until the call is over. */
async function send(source: AudioSource, { samples, sampleRate }: Voice, isOver: () => boolean): Promise<void> {
	const frame = sampleRate / 50;
	const begun = performance.now();
	for (let start = 0; start + frame <= samples.length && !isOver(); start += frame) {
		const early = begun + (start / sampleRate) * 1000 - performance.now();
		if (early > 0) await wait(early);
		await source.captureFrame(new AudioFrame(samples.slice(start, start + frame), sampleRate, 1, frame));
	}
}
