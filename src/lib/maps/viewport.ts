import type { Box } from './layout.ts';

type Area = Omit<Box, 'side'>;

export const closest = 2.5;
export const farthest = 0.02;

/** Which part of the plane is to be seen: what lies at `x, y` on the screen is the plane's origin. */
export class Viewport {
	x = 0;
	y = 0;
	zoom = 1;
	/** Of the stage, in pixels. */
	width = 0;
	height = 0;
	readonly #calm: boolean;
	readonly #changed: () => void;
	#frame = 0;

	constructor(changed: () => void, calm: boolean) {
		this.#changed = changed;
		this.#calm = calm;
	}

	close(): void {
		cancelAnimationFrame(this.#frame);
	}

	toPlane(x: number, y: number): [number, number] {
		return [(x - this.x) / this.zoom, (y - this.y) / this.zoom];
	}

	panBy(dx: number, dy: number): void {
		this.#set(this.x + dx, this.y + dy, this.zoom);
	}

	/** Zooms by a factor; what lies at a point of the screen stays there. */
	zoomBy(factor: number, x = this.width / 2, y = this.height / 2, glide = false): void {
		const zoom = Math.min(closest, Math.max(farthest, this.zoom * factor));
		const by = zoom / this.zoom;
		this.#go(x - (x - this.x) * by, y - (y - this.y) * by, zoom, glide);
	}

	fit(area: Area, { most = 1.1, least = farthest, glide = true } = {}): void {
		const margin = 40;
		const zoom = Math.min(
			most,
			Math.max(least, Math.min((this.width - margin) / (area.width + 1), (this.height - margin) / (area.height + 1)))
		);
		this.center(area.x + area.width / 2, area.y + area.height / 2, zoom, glide);
	}

	center(x: number, y: number, zoom = this.zoom, glide = true): void {
		this.#go(this.width / 2 - x * zoom, this.height / 2 - y * zoom, zoom, glide);
	}

	/** Moves just far enough that an area is in sight. */
	keepInSight(area: Area): void {
		const margin = 28;
		const left = area.x * this.zoom + this.x;
		const top = area.y * this.zoom + this.y;
		const move = (from: number, size: number, room: number) =>
			from < margin ? margin - from : from + size > room - margin ? Math.max(margin - from, room - margin - from - size) : 0;
		const [dx, dy] = [move(left, area.width * this.zoom, this.width), move(top, area.height * this.zoom, this.height)];
		if (dx !== 0 || dy !== 0) this.#go(this.x + dx, this.y + dy, this.zoom, true);
	}

	/** The stage has another size: what was in the middle stays there. */
	resize(width: number, height: number): void {
		const [dx, dy] = this.width === 0 ? [0, 0] : [(width - this.width) / 2, (height - this.height) / 2];
		[this.width, this.height] = [width, height];
		this.panBy(dx, dy);
	}

	#set(x: number, y: number, zoom: number): void {
		cancelAnimationFrame(this.#frame);
		[this.x, this.y, this.zoom] = [x, y, zoom];
		this.#changed();
	}

	#go(x: number, y: number, zoom: number, glide: boolean): void {
		if (!glide || this.#calm) return this.#set(x, y, zoom);
		cancelAnimationFrame(this.#frame);
		const from = { x: this.x, y: this.y, zoom: this.zoom };
		const begun = performance.now();
		const step = (now: number) => {
			const part = Math.min(1, Math.max(0, (now - begun) / 220));
			const eased = 1 - (1 - part) ** 3;
			this.x = from.x + (x - from.x) * eased;
			this.y = from.y + (y - from.y) * eased;
			this.zoom = from.zoom + (zoom - from.zoom) * eased;
			this.#changed();
			if (part < 1) this.#frame = requestAnimationFrame(step);
		};
		this.#frame = requestAnimationFrame(step);
	}
}
