import { tracksAt } from './model.ts';
import type { RecordedEvent, RecordedTrack, RecordingView } from './model.ts';

export const speeds = [0.75, 1, 1.25, 1.5, 2] as const;
export type Speed = (typeof speeds)[number];

/** A file is fetched so long before it is needed, in milliseconds. */
const ahead = 4_000;
/** So far may a file be from the clock before it is moved, in seconds; a moved file is heard to jump. */
const drift = 0.25;
/** So long is waited for a file that does not come, in milliseconds; then the rest plays without it. */
const patience = 6_000;

const isSound = ({ kind }: RecordedTrack): boolean => kind === 'microphone' || kind === 'screenSound';

/**
 * The clock of a replay: every file of the recording, and whatever else is shown beside it, is at the same moment.
 * Made in the page, ended with it.
 */
export class Replay {
	/** Read again, marks and films change; what is played stays. */
	view: RecordingView = $state.raw({} as RecordingView);
	/** The moment that is shown, in milliseconds from the beginning. */
	at = $state(0);
	playing = $state(false);
	speed = $state<Speed>(1);
	volume = $state(1);
	/** Something that is needed now has not come yet. */
	waiting = $state(false);
	/** Files that cannot be played. */
	broken = $state.raw<ReadonlySet<string>>(new Set());
	/** Files that are needed now or soon. */
	readonly near = $derived.by(() => this.#near(Math.floor(this.at / 500) * 500));
	readonly #elements = new Map<string, HTMLMediaElement>();
	#frame = 0;
	#waitedSince = 0;

	constructor(view: RecordingView, at = 0) {
		this.view = view;
		this.at = this.#within(at);
	}

	refresh(view: RecordingView): void {
		this.view = view;
	}

	get length(): number {
		return this.view.duration;
	}

	/** The page of slides in front of all at this moment. */
	readonly slide = $derived.by(() => {
		const last = this.view.events.findLast((event) => event.kind === 'slide' && event.at <= this.at);
		return last?.kind === 'slide' && last.page !== null && last.url !== null ? { ...last, page: last.page, url: last.url } : null;
	});
	/** What is understood of what is said at this moment. */
	readonly captions = $derived.by(() =>
		this.view.events.flatMap((event) =>
			event.kind === 'caption' && event.at <= this.at && this.at < event.until + 1_500 ? [event] : []
		)
	);
	/** The files to be heard or seen at this moment. */
	readonly now = $derived.by(() => tracksAt(this.near, this.at));
	readonly speaking = $derived.by(
		() =>
			new Set(
				this.view.events.flatMap((event) =>
					event.kind === 'spoke' && event.at <= this.at && this.at < event.until ? [event.personId] : []
				)
			)
	);

	#near(at: number): RecordedTrack[] {
		return this.view.tracks.filter(({ id, from, to }) => from - ahead <= at && at < to + 500 && !this.broken.has(id));
	}

	#within(at: number): number {
		return Math.min(Math.max(0, at), this.length);
	}

	/** An element of the page plays a file; returns how to let go of it. */
	attach(track: RecordedTrack, element: HTMLMediaElement): () => void {
		this.#elements.set(track.id, element);
		element.addEventListener('error', () => {
			this.broken = new Set([...this.broken, track.id]);
		});
		this.#sync(true);
		return () => {
			if (this.#elements.get(track.id) === element) this.#elements.delete(track.id);
			element.pause();
		};
	}

	play(): void {
		if (this.playing) return;
		if (this.at >= this.length) this.at = 0;
		this.playing = true;
		this.#waitedSince = 0;
		let last = performance.now();
		const step = (now: number) => {
			this.#wait(now);
			// A page that was out of sight is not made up for.
			if (!this.waiting) this.at = this.#within(this.at + Math.min(1_000, now - last) * this.speed);
			last = now;
			if (this.at >= this.length) return this.pause();
			this.#sync();
			this.#frame = requestAnimationFrame(step);
		};
		this.#sync(true);
		this.#frame = requestAnimationFrame(step);
	}

	pause(): void {
		this.playing = this.waiting = false;
		cancelAnimationFrame(this.#frame);
		for (const element of this.#elements.values()) element.pause();
	}

	toggle(): void {
		if (this.playing) this.pause();
		else this.play();
	}

	seek(at: number): void {
		this.at = this.#within(at);
		this.#waitedSince = 0;
		this.#sync(true);
	}

	setSpeed(speed: Speed): void {
		this.speed = speed;
		this.#sync(true);
	}

	/** Tries again what could not be played. */
	retry(): void {
		this.broken = new Set();
	}

	close(): void {
		this.pause();
		this.#elements.clear();
	}

	#wait(now: number): void {
		const late = this.now.some((track) => {
			const element = this.#elements.get(track.id);
			return !element || element.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || element.seeking;
		});
		if (!late) this.#waitedSince = 0;
		else if (this.#waitedSince === 0) this.#waitedSince = now;
		this.waiting = late && now - this.#waitedSince < patience;
	}

	/** Each file to its place: at once after a jump, else only when it is off. */
	#sync(jump = false): void {
		const now = new Set(this.now.map(({ id }) => id));
		for (const track of this.near) {
			const element = this.#elements.get(track.id);
			if (!element) continue;
			const wanted = Math.max(0, (this.at - track.from) / 1_000);
			if (!now.has(track.id)) {
				if (!element.paused) element.pause();
				continue;
			}
			element.playbackRate = this.speed;
			element.muted = !isSound(track);
			element.volume = this.volume;
			if (Math.abs(element.currentTime - wanted) > (jump ? 0.05 : drift) && !element.seeking) element.currentTime = wanted;
			if (this.playing && !this.waiting && element.paused) void element.play().catch(() => {});
			if ((!this.playing || this.waiting) && !element.paused) element.pause();
		}
	}
}

/** A place in a recording that one may want to jump to. */
export interface Chapter {
	at: number;
	event: Extract<RecordedEvent, { kind: 'round' | 'step' | 'slide' }> | null;
	/** Whose screen is shown from here on. */
	screen: string | null;
}

/** The beginning, each step of the plan, each thing that all did at once, slides when they come, and each screen that was shown. */
export function chaptersOf({ events, tracks }: Pick<RecordingView, 'events' | 'tracks'>): Chapter[] {
	let deck: string | null = null;
	const acts = events.flatMap((event): Chapter[] => {
		if (event.kind === 'round' || event.kind === 'step') return [{ at: event.at, event, screen: null }];
		if (event.kind !== 'slide') return [];
		const comes = event.page !== null && event.url !== deck;
		deck = event.page === null ? null : event.url;
		return comes ? [{ at: event.at, event, screen: null }] : [];
	});
	const screens = tracks.flatMap(({ kind, from, personId }): Chapter[] =>
		kind === 'screen' ? [{ at: from, event: null, screen: personId }] : []
	);
	return [{ at: 0, event: null, screen: null }, ...[...acts, ...screens].sort((one, other) => one.at - other.at)];
}

/** Of the pictures of a moment the one that is shown large: a screen before a face, and of faces the one who spoke last. */
export function mainOf(
	pictures: readonly RecordedTrack[],
	events: readonly RecordedEvent[],
	at: number,
	chosen: string | null
): RecordedTrack | null {
	const own = pictures.find(({ personId, kind }) => `${kind} ${personId}` === chosen);
	if (own) return own;
	const screen = pictures.findLast(({ kind }) => kind === 'screen');
	if (screen) return screen;
	let [best, when] = [pictures[0] ?? null, -1];
	for (const event of events) {
		if (event.at > at) break;
		if (event.kind !== 'spoke' || event.at < when) continue;
		const face = pictures.find(({ personId }) => personId === event.personId);
		if (face) [best, when] = [face, event.at];
	}
	return best;
}
