import type { Comparison } from './compare.ts';
import type { Answer, Overview, Question, Questions } from './history-worker.ts';
import type { MapComparison } from './map-compare.ts';
import type { MapMoment } from './map-timeline.ts';
import type { Share, ShownNode } from './timeline.ts';

/** At this speed a long history plays in about a minute, a short one slowly enough to follow. */
const playTime = 60;
const slowest = 6;
export const speeds = [0.5, 1, 2, 4] as const;

/** The history of one document on a page: which moment is shown, and how it looked. Ends with the page. */
export class TextHistory {
	overview = $state.raw<Overview | null>(null);
	/** How many updates have been read so far, while the history is being read. */
	read = $state(0);
	failed = $state(false);
	/** The number of the update after which the text is shown. */
	moment = $state(0);
	/** The text of that moment by block; null where there was none. */
	blocks = $state.raw<(ShownNode | null)[]>([]);
	shares = $state.raw<Share[]>([]);
	/** The map of that moment, when it is one. */
	map = $state.raw<MapMoment | null>(null);
	/** The block that changed last, when only one did. */
	changed = $state(-1);
	withDeleted = $state(false);
	playing = $state(false);
	speed = $state<(typeof speeds)[number]>(1);
	/** What two moments have in common, while one looks at that. */
	comparison = $state.raw<Comparison | null>(null);
	mapComparison = $state.raw<MapComparison | null>(null);
	compared = $state.raw<{ before: number; after: number } | null>(null);

	readonly #documentId: string;
	readonly #isMap: boolean;
	readonly #worker: Worker;
	readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
	#asked = 0;
	/** What `blocks` shows; null when all of it has to be asked for anew. */
	#shown: number | null = null;
	#showing: Promise<void> | null = null;
	#frame = 0;

	constructor(documentId: string, kind: 'text' | 'map' = 'text') {
		this.#documentId = documentId;
		this.#isMap = kind === 'map';
		this.#worker = new Worker(new URL('./history-worker.ts', import.meta.url), { type: 'module' });
		this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#hear(data);
		this.#worker.onerror = () => (this.failed = true);
	}

	get length(): number {
		return this.overview?.times.length ?? 0;
	}

	/** Reads the log, or what has come to it since, and shows its end. */
	async load(): Promise<void> {
		this.failed = false;
		try {
			this.overview = await this.#ask('read', { documentId: this.#documentId, map: this.#isMap });
			this.stopComparing();
			this.#shown = null;
			this.blocks = [];
			await this.goTo(this.length);
		} catch {
			this.failed = true;
		}
	}

	/** Shows the text as it was after an update; while one moment is fetched, only the latest wish counts. */
	async goTo(moment: number): Promise<void> {
		this.moment = Math.min(Math.max(Math.round(moment), 0), this.length);
		this.#showing ??= this.#show().finally(() => (this.#showing = null));
		await this.#showing;
	}

	async showDeleted(withDeleted: boolean): Promise<void> {
		this.withDeleted = withDeleted;
		await this.#showing;
		this.#shown = null;
		await this.goTo(this.moment);
	}

	/** To the beginning of the burst before or after this moment. */
	jump(direction: 1 | -1): void {
		const bursts = this.overview?.bursts ?? [];
		const next = direction > 0 ? bursts.find((burst) => burst > this.moment) : bursts.findLast((burst) => burst < this.moment);
		this.pause();
		void this.goTo(next ?? (direction > 0 ? this.length : 0));
	}

	play(): void {
		if (this.playing || this.length === 0) return;
		this.stopComparing();
		if (this.moment >= this.length) void this.goTo(0);
		this.playing = true;
		let last = performance.now();
		let exact = this.moment;
		const step = (now: number) => {
			exact += ((now - last) / 1000) * Math.max(slowest, this.length / playTime) * this.speed;
			last = now;
			if (Math.floor(exact) !== this.moment) void this.goTo(Math.floor(exact));
			if (this.moment >= this.length) return this.pause();
			this.#frame = requestAnimationFrame(step);
		};
		this.#frame = requestAnimationFrame(step);
	}

	pause(): void {
		this.playing = false;
		cancelAnimationFrame(this.#frame);
	}

	async compare(before: number, after: number): Promise<void> {
		this.pause();
		try {
			if (this.#isMap) this.mapComparison = await this.#ask('compareMaps', { before, after });
			else this.comparison = await this.#ask('compare', { before, after });
			this.compared = { before, after };
		} catch {
			this.failed = true;
		}
	}

	stopComparing(): void {
		this.comparison = this.mapComparison = null;
		this.compared = null;
	}

	/** The whole text of a moment. */
	textAt(moment: number): Promise<ShownNode[]> {
		return this.#ask('text', { moment });
	}

	close(): void {
		this.pause();
		this.#worker.terminate();
		this.#waiting.clear();
	}

	async #show(): Promise<void> {
		while (this.#shown !== this.moment) {
			const [from, to] = [this.#shown, this.moment];
			this.#shown = to;
			const { blocks, shares, map } = await this.#ask('show', { from, to, withDeleted: this.withDeleted });
			const shown = from === null ? [] : this.blocks.slice();
			for (const [index, node] of blocks) shown[index] = node;
			this.blocks = shown;
			this.shares = shares;
			this.map = map;
			this.changed = blocks.length === 1 ? (blocks[0]?.[0] ?? -1) : -1;
		}
	}

	#ask<Name extends keyof Questions>(name: Name, ask: Questions[Name]['ask']): Promise<Questions[Name]['answer']> {
		const id = ++this.#asked;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve, reject });
			this.#worker.postMessage({ id, name, ask } as Question);
		});
	}

	#hear(answer: Answer): void {
		if ('progress' in answer) return void (this.read = answer.progress);
		const waiting = this.#waiting.get(answer.id);
		this.#waiting.delete(answer.id);
		if ('error' in answer) waiting?.reject(new Error(`the history answered ${answer.error.status}`));
		else waiting?.resolve(answer.answer as never);
	}
}
