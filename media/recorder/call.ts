import { SignalRequest, SignalResponse, SignalTarget, TrackSource, VideoQuality } from '@livekit/protocol';
import type { ParticipantInfo, TrackInfo } from '@livekit/protocol';
import { RTCPeerConnection, useOPUS, useVP8 } from 'werift';
import type { MediaStreamTrack, RTCRtpTransceiver } from 'werift';
import WebSocket from 'ws';
import { newId } from '#lib/ids.ts';
import type { TrackKind } from '#lib/recordings/model.ts';
import { seatOf } from '#lib/rooms/model.ts';
import { listenerToken } from '../livekit.ts';
import type { MediaAddress } from '../livekit.ts';

/** One track that somebody sends into a call. */
export interface SentTrack {
	readonly sid: string;
	readonly personId: string;
	readonly kind: TrackKind;
	readonly muted: boolean;
}

/** A packet of a track as it came: its number, its own clock, what it carries. */
export interface Packet {
	readonly sequence: number;
	readonly timestamp: number;
	readonly marker: boolean;
	readonly payload: Buffer;
}

export interface CallTold {
	/** What is sent in the call now, after each change. */
	tracks(tracks: readonly SentTrack[]): void;
	packet(sid: string, packet: Packet): void;
	/** The connection ended, and not because it was closed. */
	lost(): void;
}

/** A call as somebody unseen takes it in: coded sound and pictures, never decoded. */
export interface UnseenCall {
	/** Takes in these tracks and no others. */
	take(sids: ReadonlySet<string>): void;
	/** Asks who sends a picture for one that needs none before it. */
	askWholePicture(sid: string): void;
	close(): void;
}

/** How long LiveKit may take to let somebody in, in milliseconds. */
const patience = 10_000;
/** How often the line shows that it lives, in milliseconds; LiveKit gives up after three times as long. */
const pulse = 5_000;

const kinds: Partial<Record<TrackSource, TrackKind>> = {
	[TrackSource.MICROPHONE]: 'microphone',
	[TrackSource.CAMERA]: 'camera',
	[TrackSource.SCREEN_SHARE]: 'screen',
	[TrackSource.SCREEN_SHARE_AUDIO]: 'screenSound'
};

/**
 * Joins a call unseen and hands on its packets as they come. LiveKit's own SDK for servers decodes everything it takes
 * in, which a lesson with ten cameras cannot afford; here a packet is only passed on.
 */
export async function joinUnseen(address: MediaAddress, roomId: string, told: CallTold): Promise<UnseenCall> {
	const token = await listenerToken(address, roomId, `recorder:${newId()}`);
	const socket = new WebSocket(
		`${address.url}/rtc?access_token=${token}&auto_subscribe=0&protocol=15&sdk=js&version=2.0.0&adaptive_stream=0`,
		{ handshakeTimeout: patience, maxPayload: 4 * 1024 * 1024 }
	);
	socket.binaryType = 'nodebuffer';
	const participants = new Map<string, ParticipantInfo>();
	const taken = new Set<string>();
	let wanted: ReadonlySet<string> = new Set();
	/** Which track a section of the connection carries now. */
	let sidOf = new Map<string, string>();
	const sections = new Map<string, RTCRtpTransceiver>();
	let peer: RTCPeerConnection | undefined;
	let closed = false;
	let pulsing: NodeJS.Timeout | undefined;

	const send = (message: SignalRequest['message']) => {
		if (socket.readyState === socket.OPEN) socket.send(new SignalRequest({ message }).toBinary());
	};
	const close = () => {
		if (closed) return;
		closed = true;
		clearInterval(pulsing);
		send({ case: 'leave', value: {} as never });
		socket.close();
		setTimeout(() => socket.terminate(), 1_000).unref();
		void peer?.close().catch(() => {});
	};
	const fail = () => {
		if (closed) return;
		close();
		told.lost();
	};

	function tracksNow(): SentTrack[] {
		return [...participants.values()].flatMap(({ identity, tracks }) =>
			tracks.flatMap(({ sid, source, muted }: TrackInfo) => {
				const kind = kinds[source];
				return kind ? [{ sid, personId: seatOf(identity).personId, kind, muted }] : [];
			})
		);
	}

	/** LiveKit is told what changed only; what is gone it forgets by itself. */
	function subscribe(): void {
		const there = tracksNow().filter(({ sid }) => wanted.has(sid));
		const ask = (trackSids: string[], subscribe: boolean) =>
			trackSids.length > 0 && send({ case: 'subscription', value: { trackSids, subscribe, participantTracks: [] } as never });
		const fresh = there.filter(({ sid }) => !taken.has(sid));
		ask(
			fresh.map(({ sid }) => sid),
			true
		);
		// A face is seen well in the middle layer, at a third of the bytes; a screen is read.
		for (const { sid, kind } of fresh)
			if (kind === 'camera')
				send({
					case: 'trackSetting',
					value: { trackSids: [sid], disabled: false, quality: VideoQuality.MEDIUM } as never
				});
		const over = [...taken].filter((sid) => !there.some((track) => track.sid === sid));
		ask(over, false);
		taken.clear();
		for (const { sid } of there) taken.add(sid);
	}

	function update(infos: readonly ParticipantInfo[], mine?: ParticipantInfo): void {
		for (const info of infos) {
			if (info.sid === mine?.sid) continue;
			// 3: gone.
			if (info.state === 3) participants.delete(info.sid);
			else participants.set(info.sid, info);
		}
		told.tracks(tracksNow());
		subscribe();
	}

	function receive(transceiver: RTCRtpTransceiver): void {
		const heard = new WeakSet<MediaStreamTrack>();
		const hear = (track: MediaStreamTrack) => {
			if (heard.has(track)) return;
			heard.add(track);
			track.onReceiveRtp.subscribe(({ header, payload }) => {
				const sid = transceiver.mid === null ? undefined : sidOf.get(transceiver.mid);
				if (sid && payload.length > 0)
					told.packet(sid, { sequence: header.sequenceNumber, timestamp: header.timestamp, marker: header.marker, payload });
			});
		};
		transceiver.onTrack.subscribe((track) => hear(track));
		for (const track of transceiver.receiver.tracks) hear(track);
	}

	async function answer(sdp: string, id: number): Promise<void> {
		if (!peer) return;
		await peer.setRemoteDescription({ type: 'offer', sdp });
		sidOf = sidsIn(sdp);
		for (const transceiver of peer.getTransceivers()) if (transceiver.mid !== null) sections.set(transceiver.mid, transceiver);
		const made = await peer.createAnswer();
		await peer.setLocalDescription(made);
		send({ case: 'answer', value: { type: 'answer', sdp: peer.localDescription?.sdp ?? made.sdp, id } as never });
	}

	return new Promise<UnseenCall>((resolve, reject) => {
		let mine: ParticipantInfo | undefined;
		// Offers are answered one after the other.
		let answering = Promise.resolve();
		const late = setTimeout(() => refuse(new Error('LiveKit does not let the recorder in')), patience);
		const refuse = (error: Error) => {
			clearTimeout(late);
			close();
			reject(error);
		};
		socket.on('error', (error) => (mine ? fail() : refuse(error)));
		socket.on('close', () => (mine ? fail() : refuse(new Error('LiveKit closed the line'))));
		socket.on('message', (data: Buffer) => {
			let message: SignalResponse['message'];
			try {
				message = SignalResponse.fromBinary(data).message;
			} catch {
				return;
			}
			switch (message.case) {
				case 'join': {
					clearTimeout(late);
					mine = message.value.participant;
					peer = openPeer(address, message.value.iceServers);
					peer.onRemoteTransceiverAdded.subscribe(receive);
					peer.onIceCandidate.subscribe((candidate) => {
						if (candidate)
							send({
								case: 'trickle',
								value: { candidateInit: JSON.stringify(candidate.toJSON()), target: SignalTarget.SUBSCRIBER } as never
							});
					});
					peer.connectionStateChange.subscribe((state) => state === 'failed' && fail());
					pulsing = setInterval(
						() => send({ case: 'pingReq', value: { timestamp: BigInt(Date.now()), rtt: 0n } as never }),
						pulse
					);
					// The caller knows the call before it hears of its tracks.
					const others = message.value.otherParticipants;
					resolve({
						take(sids) {
							wanted = sids;
							subscribe();
						},
						askWholePicture(sid) {
							const mid = [...sidOf].find(([, one]) => one === sid)?.[0];
							const receiver = mid === undefined ? undefined : sections.get(mid)?.receiver;
							for (const ssrc of Object.keys(receiver?.trackBySSRC ?? {}))
								void receiver?.sendRtcpPLI(Number(ssrc)).catch(() => {});
						},
						close
					});
					queueMicrotask(() => update(others, mine));
					break;
				}
				case 'offer': {
					const { sdp, id } = message.value;
					answering = answering.then(() => answer(sdp, id)).catch(fail);
					break;
				}
				case 'trickle':
					if (message.value.target === SignalTarget.SUBSCRIBER) {
						const { candidateInit } = message.value;
						answering = answering.then(() => peer?.addIceCandidate(JSON.parse(candidateInit) as object)).catch(() => {});
					}
					break;
				case 'update':
					update(message.value.participants, mine);
					break;
				case 'leave':
					fail();
					break;
				default:
			}
		});
	});
}

function openPeer(address: MediaAddress, servers: readonly { urls: string[]; username: string; credential: string }[]) {
	const local = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(address.httpUrl).hostname);
	return new RTCPeerConnection({
		codecs: { audio: [useOPUS()], video: [useVP8()] },
		bundlePolicy: 'max-bundle',
		iceServers: servers.flatMap(({ urls, username, credential }) =>
			urls.map((url) => ({ urls: url, username: username || undefined, credential: credential || undefined }))
		),
		...(local && { iceAdditionalHostAddresses: ['127.0.0.1'] })
	});
}

/** Which track each section of an offer carries; LiveKit calls tracks by their own id there. */
export function sidsIn(sdp: string): Map<string, string> {
	const sids = new Map<string, string>();
	for (const section of sdp.split(/^m=/m).slice(1)) {
		const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
		const sid = /^a=msid:\S+ (TR_\S+)/m.exec(section)?.[1];
		if (mid && sid && !/^a=inactive/m.test(section)) sids.set(mid, sid);
	}
	return sids;
}
