import type { Packet } from '../recorder/call.ts';
import { opusLength } from '../recorder/frames.ts';
import { InOrder } from '../recorder/in-order.ts';
import type { OpusPacket } from './ogg.ts';

/** A pause of this length ends a piece, in milliseconds. */
const pause = 700;
/** A piece is not longer than this, in milliseconds: captions come while somebody goes on speaking. */
const longest = 10_000;
/** Anything shorter is a cough or a click, in milliseconds. */
const shortest = 400;
/** A packet of silence is smaller than this, in bytes. */
const silent = 20;

/** Something that one person said, without a longer pause. */
export interface Piece {
	/** When it began, in milliseconds since 1970. */
	readonly startedAt: number;
	readonly packets: readonly OpusPacket[];
}

/** Cuts the packets of one microphone into pieces of speech. */
export class Pieces {
	readonly #order = new InOrder<Packet>();
	#packets: OpusPacket[] = [];
	#startedAt = 0;
	#voicedAt = 0;
	#voiced = 0;

	/** Takes the next packet in; a piece, when it ends with it. */
	take(packet: Packet, now: number): Piece | null {
		let ended: Piece | null = null;
		for (const { payload } of this.#order.take(packet).things) {
			const length = opusLength(payload);
			if (payload.length >= silent) {
				if (this.#packets.length === 0) this.#startedAt = now;
				this.#packets.push({ data: payload, length });
				this.#voicedAt = now;
				this.#voiced += length;
			} else if (this.#packets.length > 0) this.#packets.push({ data: payload, length });
			ended ??= this.look(now);
		}
		return ended;
	}

	/** The piece that has ended by now, as when nothing comes any more. */
	look(now: number): Piece | null {
		if (this.#packets.length === 0) return null;
		if (now - this.#voicedAt < pause && now - this.#startedAt < longest) return null;
		const piece = { startedAt: this.#startedAt, packets: this.#packets };
		const said = this.#voiced >= shortest;
		this.#packets = [];
		this.#voiced = 0;
		return said ? piece : null;
	}
}
