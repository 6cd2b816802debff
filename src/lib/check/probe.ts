import type { Room, Track } from 'livekit-client';
import { subprotocol } from '#lib/documents/model.ts';
import { judgeAnswer, judgeQuality, judgeRoom } from './model.ts';
import type { Found, Item } from './model.ts';

/** Told as soon as something is found. */
export type Tell = (item: Item, found: Found) => void;

const blocked: Found = { outcome: 'blocked', value: '' };
const skipped: Found = { outcome: 'skipped', value: '' };
/** How long a line may take to open, in milliseconds. */
const patience = 10_000;
/** How long pictures are sent, and how much of the end of it counts, in seconds. */
const [sendFor, countLast] = [8, 4];

/** The middle of several answers of the hub, in milliseconds. */
export async function probeHub(tell: Tell): Promise<void> {
	const times: number[] = [];
	try {
		for (let attempt = 0; attempt < 3; attempt++) {
			const begun = performance.now();
			await fetch('/api/v1/health', { cache: 'no-store', signal: AbortSignal.timeout(patience) });
			times.push(performance.now() - begun);
		}
		const middle = Math.round(times.toSorted((a, b) => a - b)[1] ?? 0);
		tell('hub', {
			outcome: location.protocol === 'https:' || isLocal() ? judgeAnswer(middle) : 'blocked',
			value: `${middle} ms`
		});
	} catch {
		tell('hub', blocked);
	}
}

/** This machine itself is trusted by browsers without HTTPS. */
const isLocal = () => ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname);

/** Whether a WebSocket passes to this part of the hub, which closes it again with a code of its own. */
export async function probeSocket(tell: Tell, item: 'socket' | 'collab'): Promise<void> {
	const path = item === 'socket' ? 'live' : 'collab';
	const begun = performance.now();
	let opened = begun + patience;
	const code = await new Promise<number>((resolve) => {
		// Of nothing, with no right to it: the hub opens the line, and closes it with its own word.
		const nothing = `${location.origin.replace(/^http/, 'ws')}/${path}/00000000-0000-4000-8000-000000000000`;
		const socket = item === 'collab' ? new WebSocket(nothing, [subprotocol, 'check']) : new WebSocket(nothing);
		const late = setTimeout(() => {
			socket.close();
			resolve(0);
		}, patience);
		// How long the goodbye takes says nothing about the line.
		socket.addEventListener('open', () => (opened = performance.now()));
		socket.addEventListener('close', (event) => {
			clearTimeout(late);
			resolve(event.code);
		});
	});
	const time = Math.round(opened - begun);
	// A proxy that takes no WebSocket ends it before our own code can come.
	tell(item, code >= 4000 ? { outcome: judgeAnswer(time), value: `${time} ms` } : blocked);
}

/** A call with oneself: how it comes about, how it goes, and which ways are open. */
export async function probeCall(
	tell: Tell,
	loop: { url: string; sends: string; looks: string } | null,
	hasTurn: boolean
): Promise<void> {
	const rest = (found: Found, ...which: Item[]) => which.forEach((item) => tell(item, found));
	if (!loop) return rest(skipped, 'signalling', 'udp', 'tcp', 'turn', 'quality', 'up', 'down');
	const { Room, RoomEvent, ConnectionCheck, CheckStatus } = await import('livekit-client');
	const url = new URL(loop.url, location.href.replace(/^http/, 'ws')).href;
	const options = { adaptiveStream: false, dynacast: false };
	const [sender, looker] = [new Room(options), new Room(options)];
	const picture = openPicture();
	try {
		const begun = performance.now();
		let signalled = false;
		sender.once(RoomEvent.SignalConnected, () => {
			signalled = true;
			const time = Math.round(performance.now() - begun);
			tell('signalling', { outcome: judgeAnswer(time), value: `${time} ms` });
		});
		try {
			await sender.connect(url, loop.sends, { maxRetries: 0, peerConnectionTimeout: patience });
		} catch {
			if (!signalled) tell('signalling', blocked);
			rest(signalled ? blocked : skipped, 'udp', 'tcp');
			return rest(skipped, 'turn', 'quality', 'up', 'down');
		}
		const way = await wayOf(sender);
		tell('udp', { outcome: way === 'udp' ? 'ok' : 'blocked', value: '' });
		rest({ outcome: 'running', value: '' }, 'quality', 'up', 'down');
		const coming = new Promise<Track>((resolve) => looker.once(RoomEvent.TrackSubscribed, (track) => resolve(track)));
		await looker.connect(url, loop.looks, { maxRetries: 0, peerConnectionTimeout: patience });
		const sent = await sender.localParticipant.publishTrack(picture.track, {
			simulcast: false,
			source: 'camera' as Track.Source,
			videoEncoding: { maxBitrate: 1_500_000, maxFramerate: 15 },
			degradationPreference: 'maintain-resolution'
		});
		const measured = await measure(sent.track, await inTime(coming));
		tell('up', { outcome: judgeRoom(measured.up), value: `${measured.up} kbit/s` });
		tell('down', { outcome: judgeRoom(measured.down), value: `${measured.down} kbit/s` });
		tell('quality', {
			outcome: judgeQuality(measured),
			value: `RTT ${measured.roundTrip} ms · jitter ${measured.jitter} ms · loss ${(measured.loss * 100).toFixed(1)} %`
		});
		tell('tcp', { outcome: 'running', value: '' });
		tell('tcp', { outcome: way === 'tcp' || (await switchToTcp(sender)) ? 'ok' : 'blocked', value: '' });
		if (!hasTurn) return tell('turn', skipped);
		tell('turn', { outcome: 'running', value: '' });
		const { status } = await new ConnectionCheck(url, loop.looks).checkTURN();
		tell(
			'turn',
			status === CheckStatus.SKIPPED ? skipped : { outcome: status === CheckStatus.SUCCESS ? 'ok' : 'blocked', value: '' }
		);
	} catch {
		// Whatever broke in the middle leaves what was not found as not found.
		rest(blocked, 'quality', 'up', 'down');
		rest(skipped, 'tcp', 'turn');
	} finally {
		picture.close();
		await Promise.allSettled([sender.disconnect(), looker.disconnect()]);
	}
}

const inTime = <Value>(value: Promise<Value>): Promise<Value> =>
	Promise.race([value, new Promise<never>((_, reject) => setTimeout(() => reject(new Error('late')), patience))]);

/** A picture that cannot be made small, so that as much is sent as there is room for. */
function openPicture(): { track: MediaStreamTrack; close: () => void } {
	const canvas = document.createElement('canvas');
	[canvas.width, canvas.height] = [480, 270];
	const brush = canvas.getContext('2d', { willReadFrequently: true });
	const noise = brush?.createImageData(canvas.width, canvas.height);
	const dots = noise && new Uint32Array(noise.data.buffer);
	const timer = setInterval(() => {
		if (!brush || !noise || !dots) return;
		for (let index = 0; index < dots.length; index++) dots[index] = 0xff000000 | (Math.random() * 0x1000000);
		brush.putImageData(noise, 0, 0);
	}, 66);
	const [track] = canvas.captureStream(15).getVideoTracks();
	if (!track) throw new Error('this browser makes no picture of its own');
	return {
		track,
		close() {
			clearInterval(timer);
			track.stop();
		}
	};
}

interface Measured {
	up: number;
	down: number;
	roundTrip: number;
	jitter: number;
	loss: number;
}

/** Once a second, what was sent and what came; the best of the last seconds is what there is room for. */
async function measure(
	sent: { getRTCStatsReport(): Promise<RTCStatsReport | undefined> } | undefined,
	came: Track
): Promise<Measured> {
	const found: Measured = { up: 0, down: 0, roundTrip: 0, jitter: 0, loss: 0 };
	let before: { sent: number; came: number; at: number } | undefined;
	for (let second = 1; second <= sendFor; second++) {
		await new Promise((resolve) => setTimeout(resolve, 1_000));
		const [out, back] = await Promise.all([sent?.getRTCStatsReport(), came.getRTCStatsReport()]);
		const now = { sent: 0, came: 0, at: performance.now() };
		for (const stat of out?.values() ?? []) {
			if (stat.type === 'outbound-rtp') now.sent += stat.bytesSent ?? 0;
			if (stat.type === 'remote-inbound-rtp' && stat.roundTripTime) found.roundTrip = Math.round(stat.roundTripTime * 1000);
		}
		for (const stat of back?.values() ?? []) {
			if (stat.type !== 'inbound-rtp') continue;
			now.came += stat.bytesReceived ?? 0;
			found.jitter = Math.round((stat.jitter ?? 0) * 1000);
			found.loss =
				Math.max(0, stat.packetsLost ?? 0) / Math.max(1, (stat.packetsReceived ?? 0) + Math.max(0, stat.packetsLost ?? 0));
		}
		if (before && second > sendFor - countLast) {
			const kbps = (bytes: number) => Math.round((bytes * 8) / (now.at - before!.at));
			found.up = Math.max(found.up, kbps(now.sent - before.sent));
			found.down = Math.max(found.down, kbps(now.came - before.came));
		}
		before = now;
	}
	return found;
}

/** By which way media go: UDP, TCP, or through a TURN server. */
async function wayOf(room: Room): Promise<'udp' | 'tcp' | 'relay' | null> {
	const { pcManager } = room.engine;
	for (const connection of [pcManager?.publisher, pcManager?.subscriber]) {
		const stats = await connection?.getStats();
		for (const stat of stats?.values() ?? []) {
			if (stat.type !== 'candidate-pair' || stat.state !== 'succeeded' || !(stat.nominated || stat.selected)) continue;
			const local = stats?.get(stat.localCandidateId);
			if (local) return local.candidateType === 'relay' ? 'relay' : local.protocol;
		}
	}
	return null;
}

/** Asks the media server for TCP, and whether media go by it then. */
async function switchToTcp(room: Room): Promise<boolean> {
	const { RoomEvent } = await import('livekit-client');
	const back = new Promise<void>((resolve) => room.once(RoomEvent.Reconnected, () => resolve()));
	try {
		await room.simulateScenario('force-tcp');
		await inTime(back);
		return (await wayOf(room)) === 'tcp';
	} catch {
		return false;
	}
}

/** Whether a device opens; it is let go at once, and nothing of it is kept or sent. */
export async function probeDevice(tell: Tell, item: 'microphone' | 'camera'): Promise<void> {
	try {
		const stream = await navigator.mediaDevices.getUserMedia(item === 'camera' ? { video: true } : { audio: true });
		const [track] = stream.getTracks();
		tell(item, { outcome: 'ok', value: track?.label ?? '' });
		track?.stop();
	} catch (error) {
		tell(item, { outcome: 'blocked', value: error instanceof Error ? error.name : '' });
	}
}

/** Plays a short tone; whether it was heard, a person knows. */
export async function probeSpeaker(tell: Tell): Promise<void> {
	const audio = new AudioContext();
	try {
		await Promise.race([audio.resume(), new Promise((resolve) => setTimeout(resolve, 2_000))]);
		if (audio.state !== 'running') return tell('speaker', blocked);
		const [tone, volume] = [audio.createOscillator(), audio.createGain()];
		tone.frequency.value = 523;
		volume.gain.setValueAtTime(0.0001, audio.currentTime);
		volume.gain.exponentialRampToValueAtTime(0.2, audio.currentTime + 0.05);
		volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.8);
		tone.connect(volume).connect(audio.destination);
		const ended = new Promise((resolve) => (tone.onended = resolve));
		tone.start();
		tone.stop(audio.currentTime + 0.9);
		await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 2_000))]);
		tell('speaker', { outcome: 'ok', value: '' });
	} finally {
		await audio.close();
	}
}
