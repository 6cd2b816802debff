import { on } from 'svelte/events';
import { followPointer } from './follow.ts';
import type { Task } from './model.ts';

/** Among the tasks of a group, before one of them; null: behind all. */
export interface Place<Group extends string> {
	readonly group: Group;
	readonly beforeId: string | null;
}

interface Sheet<Group extends string> {
	/** Holds the groups (`data-group`) with their tasks (`data-card`), within the pane that scrolls. */
	readonly element: () => HTMLElement;
	/** Whether groups stand side by side or below one another. */
	readonly along: 'x' | 'y';
	readonly ondrop: (task: Task, place: Place<Group>) => void;
}

/** So near to an edge one drags what is beyond it into view, in pixels. */
const edge = 40;

/** A task that a pointer carries: it stays where it was until it is dropped, and a line shows where it goes. */
export class Drag<Group extends string> {
	carried = $state.raw<{ task: Task; x: number; y: number; width: number } | null>(null);
	target = $state.raw<Place<Group> | null>(null);
	readonly #sheet: Sheet<Group>;

	constructor(sheet: Sheet<Group>) {
		this.#sheet = sheet;
	}

	grab(event: PointerEvent & { currentTarget: HTMLElement }, task: Task): void {
		if ((event.target as Element).closest('select, input, .document')) return;
		const { left, top, width } = event.currentTarget.getBoundingClientRect();
		const sheet = this.#sheet.element();
		const pane = sheet.parentElement ?? sheet;
		let at = { x: event.clientX, y: event.clientY };
		let frame = 0;
		const pull = () => {
			const [across, down] = [sheet.getBoundingClientRect(), pane.getBoundingClientRect()];
			const x = at.x > across.right - edge ? 9 : at.x < across.left + edge ? -9 : 0;
			const y = at.y > down.bottom - edge ? 9 : at.y < down.top + edge ? -9 : 0;
			sheet.scrollLeft += x;
			pane.scrollTop += y;
			if (x !== 0 || y !== 0) this.target = this.#placeAt(at, task.id);
			frame = requestAnimationFrame(pull);
		};
		const end = () => {
			cancelAnimationFrame(frame);
			sheet.style.scrollSnapType = '';
			this.carried = null;
			this.target = null;
		};
		followPointer(event, {
			lift: () => {
				this.carried = { task, x: left, y: top, width };
				sheet.style.scrollSnapType = 'none';
				pull();
			},
			move: (x, y, dx, dy) => {
				at = { x, y };
				this.carried = { task, x: left + dx, y: top + dy, width };
				this.target = this.#placeAt(at, task.id);
			},
			drop: () => {
				const place = this.target;
				end();
				if (place) this.#sheet.ondrop(task, place);
			},
			cancel: end
		});
	}

	/** A finger that carries a task does not scroll. The listener is there before the finger is: Safari asks for that. */
	readonly still = (element: HTMLElement) =>
		on(element, 'touchmove', (touch) => this.carried && touch.cancelable && touch.preventDefault(), { passive: false });

	/** Where a task would come to lie that is let go at a point of the window. */
	#placeAt({ x, y }: { x: number; y: number }, id: string): Place<Group> | null {
		const over = [...this.#sheet.element().querySelectorAll<HTMLElement>('[data-group]')].find((group) => {
			const { left, right, top, bottom } = group.getBoundingClientRect();
			return this.#sheet.along === 'x' ? x >= left && x <= right : y >= top && y <= bottom;
		});
		if (!over) return null;
		const others = [...over.querySelectorAll<HTMLElement>('[data-card]')].filter(({ dataset }) => dataset.card !== id);
		const before = others.find((other) => {
			const { top, height } = other.getBoundingClientRect();
			return y < top + height / 2;
		});
		return { group: over.dataset.group as Group, beforeId: before?.dataset.card ?? null };
	}
}
