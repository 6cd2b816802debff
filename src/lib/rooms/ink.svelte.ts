import { InkBoard, inkLimits, readInk, tellStroke, writeInk } from './ink.ts';
import type { InkMessage, InkTool, Stroke } from './ink.ts';

/** How strokes reach the others: to all, or to one who came late. */
interface InkDeps {
	send: (bytes: Uint8Array<ArrayBuffer>, to?: string) => void;
	/** Who may wipe away what everybody drew on a share: whoever leads, and whose screen it is. */
	clears: (personId: string, share: string) => boolean;
	now?: () => number;
}

export interface Drawn {
	personId: string;
	stroke: Stroke;
}

/** Pause between two messages of one hand, in milliseconds. */
const pace = 40;

/** What is drawn on the screens of one call, as one page knows it: made with its stage, ended with it. */
export class Ink {
	/** Counts changes, so that what is shown is read anew. */
	#version = $state(0);
	/** Who this is in the call; empty outside of it. */
	me = '';
	readonly #board = new InkBoard();
	readonly #deps: InkDeps;
	readonly #now: () => number;
	#shares: ReadonlySet<string> = new Set();
	#nextId = 1;
	#hand: { share: string; id: number; tool: InkTool; points: number[]; sent: number } | null = null;
	#sending: ReturnType<typeof setTimeout> | undefined;
	#fading: ReturnType<typeof setInterval> | undefined;

	constructor(deps: InkDeps) {
		this.#deps = deps;
		this.#now = deps.now ?? Date.now;
	}

	/** What is drawn on a share now. */
	on(share: string): Drawn[] {
		void this.#version;
		return this.#board.on(share);
	}

	/** Whether one has anything of one's own on a share. */
	hasOwn(share: string): boolean {
		void this.#version;
		return this.#board.of(this.me, share).length > 0;
	}

	begin(share: string, tool: InkTool, point: readonly [number, number]): void {
		this.end();
		// Ids grow also over a page that was loaded anew, so that nothing old is taken for new.
		this.#nextId = Math.max(this.#nextId + 1, this.#now());
		this.#hand = { share, id: this.#nextId, tool, points: [...point], sent: 0 };
		this.#draw(0);
		// The first touch is not waited with.
		this.#flush();
	}

	move(points: readonly (readonly [number, number])[]): void {
		const hand = this.#hand;
		if (!hand) return;
		const before = hand.points.length;
		if (hand.tool === 'arrow') {
			const last = points.at(-1);
			if (last) hand.points = [...hand.points.slice(0, 2), ...last];
			hand.sent = Math.min(hand.sent, 2);
			return this.#draw(2);
		}
		for (const [x, y] of points) {
			const [lastX = -99, lastY = -99] = hand.points.slice(-2);
			if (Math.hypot(x - lastX, y - lastY) < 15 || hand.points.length >= inkLimits.stroke) continue;
			hand.points.push(x, y);
		}
		if (hand.points.length > before) this.#draw(before);
	}

	end(): void {
		this.#flush();
		this.#hand = null;
	}

	/** Takes back one's own last stroke. */
	undo(share: string): void {
		const last = this.#board.of(this.me, share).findLast(({ tool }) => tool !== 'laser');
		if (last) this.#tell({ do: 'undo', share, id: last.id });
	}

	/** Wipes away everything on a share; whoever may not, what is one's own. */
	clear(share: string): void {
		this.end();
		if (this.#deps.clears(this.me, share)) return this.#tell({ do: 'clear', share });
		for (const { id } of [...this.#board.of(this.me, share)]) this.#tell({ do: 'undo', share, id });
	}

	/** Something that another person sent; what is none, too much or not theirs to do is passed over. */
	hear(personId: string, bytes: Uint8Array): void {
		const message = personId === this.me ? null : readInk(bytes);
		if (!message) return;
		const clears = this.#deps.clears(personId, message.share);
		const changed = this.#board.hear(personId, message, this.#now(), { clears, isOpen: this.#shares.has(message.share) });
		if (changed) this.#changed();
	}

	/** The shares that there are; what is drawn on others ends. */
	keep(shares: ReadonlySet<string>): void {
		this.#shares = shares;
		if (this.#hand && !shares.has(this.#hand.share)) this.#hand = null;
		if (this.#board.keep(shares)) this.#changed();
	}

	/** Tells what one drew: to one who came, or to all after one was away. */
	retell(to?: string): void {
		for (const message of this.#board.retell(this.me)) this.#deps.send(writeInk(message), to);
	}

	forget(personId: string): void {
		if (this.#board.forget(personId)) this.#changed();
	}

	close(): void {
		this.#hand = null;
		clearTimeout(this.#sending);
		clearInterval(this.#fading);
		this.#fading = undefined;
		this.keep(new Set());
	}

	/** One's own hand is seen at once, and by the others within `pace`. */
	#draw(from: number): void {
		const hand = this.#hand;
		if (!hand) return;
		for (const message of tellStroke(hand.share, hand, from)) this.#board.apply(this.me, message, this.#now());
		this.#changed();
		this.#sending ??= setTimeout(() => this.#flush(), pace);
	}

	#flush(): void {
		clearTimeout(this.#sending);
		this.#sending = undefined;
		const hand = this.#hand;
		if (!hand || hand.sent >= hand.points.length) return;
		for (const message of tellStroke(hand.share, hand, hand.sent)) this.#deps.send(writeInk(message));
		hand.sent = hand.points.length;
	}

	#tell(message: InkMessage): void {
		if (!this.#board.apply(this.me, message, this.#now(), true)) return;
		this.#deps.send(writeInk(message));
		this.#changed();
	}

	#changed(): void {
		this.#version++;
		this.#fading ??= this.#board.fade(this.#now())
			? setInterval(() => {
					this.#version++;
					if (this.#board.fade(this.#now())) return;
					clearInterval(this.#fading);
					this.#fading = undefined;
				}, 100)
			: undefined;
	}
}
