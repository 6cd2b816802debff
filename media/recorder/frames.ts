import { Vp8RtpPayload } from 'werift';
import type { Packet } from './call.ts';
import { InOrder } from './in-order.ts';
import type { Coded, Frame } from './webm.ts';

/** How far a track's own clock may be from the time of arrival before it is set anew, in milliseconds. */
const drift = 500;

export interface Framed {
	readonly frames: readonly Frame[];
	/** Something was lost that the pictures after it need. */
	readonly broken: boolean;
}

/** Makes frames of packets, with the time since the first of them. */
export interface Framer {
	/** What is coded; known once the first frame that can be shown has come. */
	coded(): Coded | null;
	take(packet: Packet, now: number): Framed;
}

/**
 * The time of a frame: by the sender's clock, which knows the distances best, but never far from when it came, which
 * holds across pauses, a change of device or a restart of the sender. Times never go back.
 */
export class FrameClock {
	readonly #rate: number;
	#first: number | undefined;
	#last = { timestamp: 0, at: 0 };

	constructor(rate: number) {
		this.#rate = rate;
	}

	at(timestamp: number, now: number): number {
		if (this.#first === undefined) {
			this.#first = now;
			this.#last = { timestamp, at: 0 };
			return 0;
		}
		const arrived = now - this.#first;
		// Clocks of 32 bits begin anew.
		const passed = ((timestamp - this.#last.timestamp) | 0) / this.#rate;
		const told = this.#last.at + passed * 1_000;
		const at = Math.max(this.#last.at, Math.abs(told - arrived) > drift ? arrived : told);
		this.#last = { timestamp, at };
		return Math.round(at);
	}
}

/** Lengths of the frames of Opus in milliseconds, by the first five bits of a packet: RFC 6716, table 2. */
const opusLengths: readonly number[] = [
	...Array.from({ length: 3 }, () => [10, 20, 40, 60]).flat(),
	...Array.from({ length: 2 }, () => [10, 20]).flat(),
	...Array.from({ length: 4 }, () => [2.5, 5, 10, 20]).flat()
];

/** How long a packet of Opus sounds, in milliseconds: RFC 6716, 3. */
export function opusLength(packet: Buffer): number {
	const [first = 0, second = 0] = packet;
	const count = [1, 2, 2, second & 0x3f][first & 3] ?? 1;
	return count * (opusLengths[first >> 3] ?? 20);
}

/** 20 and 120 milliseconds of silence, as Opus codes it: one frame, and six of them in one packet. */
const silence = Buffer.from([0xf8, 0xff, 0xfe]);
const longSilence = Buffer.from([0xfb, 0x06, ...Array.from({ length: 6 }, () => [0xff, 0xfe]).flat()]);

/** Silence from one moment to just before another. */
function silent(from: number, to: number): Frame[] {
	const frames: Frame[] = [];
	for (let at = from; to - at >= 20;) {
		const long = to - at >= 120;
		frames.push({ at: Math.round(at), whole: true, data: long ? longSilence : silence });
		at += long ? 120 : 20;
	}
	return frames;
}

/**
 * One packet is one frame of sound: RFC 7587. Who is silent sends next to nothing; players take sound as it comes, one
 * frame after the other, so that silence is written where nothing came.
 */
export function soundFrames(): Framer {
	const order = new InOrder<Packet>();
	const clock = new FrameClock(48_000);
	let end: number | undefined;
	return {
		coded: () => ({ codec: 'opus', channels: 2 }),
		take(packet, now) {
			const { things } = order.take(packet);
			const frames = things.flatMap(({ timestamp, payload }) => {
				const at = clock.at(timestamp, now);
				const before = end === undefined ? [] : silent(end, at);
				end = Math.max(end ?? 0, at) + opusLength(payload);
				return [...before, { at, whole: true, data: payload }];
			});
			return { frames, broken: false };
		}
	};
}

/** LiveKit ends what it sends with black pictures of 8 × 8 points; they are nobody's. */
const blank = 16;

/** Pictures of VP8 from the packets that carry their parts: RFC 7741. Begins with a picture that needs none before it. */
export function pictureFrames(): Framer {
	const order = new InOrder<Packet>();
	const clock = new FrameClock(90_000);
	let parts: Buffer[] = [];
	let timestamp = -1;
	let whole = false;
	let torn = true;
	let size: { width: number; height: number } | null = null;

	return {
		coded: () => size && { codec: 'vp8', ...size },
		take(packet, now) {
			const { things, lost } = order.take(packet);
			if (lost) torn = true;
			const frames: Frame[] = [];
			for (const { timestamp: own, marker, payload } of things) {
				const part = read(payload);
				if (!part) continue;
				if (own !== timestamp) {
					[parts, timestamp] = [[], own];
					whole = part.begins && part.whole;
					const seen = whole ? sizeOf(part.data) : null;
					if (seen) [size, torn] = seen.width > blank && seen.height > blank ? [seen, false] : [size, true];
				}
				parts.push(part.data);
				if (!marker) continue;
				if (!torn && size) frames.push({ at: clock.at(own, now), whole, data: Buffer.concat(parts) });
				parts = [];
			}
			return { frames, broken: torn };
		}
	};
}

function read(payload: Buffer): { begins: boolean; whole: boolean; data: Buffer } | null {
	try {
		const part = Vp8RtpPayload.deSerialize(payload);
		return { begins: part.isPartitionHead, whole: part.isPartitionHead && part.isKeyframe, data: part.payload };
	} catch {
		return null;
	}
}

/** Width and height in the head of a whole picture: RFC 6386, 9.1. */
function sizeOf(data: Buffer): { width: number; height: number } | null {
	if (data.length < 10 || data[3] !== 0x9d || data[4] !== 0x01 || data[5] !== 0x2a) return null;
	return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
}
