/** What one draws with on a shared screen; a laser fades and is kept by nobody. */
export const inkTools = ['pen', 'marker', 'arrow', 'laser'] as const;
export type InkTool = (typeof inkTools)[number];

/** Points are x and y in turn, in ten-thousandths of the picture's width and height, wherever and however large it is shown. */
export const inkScale = 10_000;

/** Bounds of what one person can do to the others, chosen well above what a hand does. */
export const inkLimits = {
	/** Bytes of one message. */
	message: 8_192,
	/** Numbers in one message, and in one stroke. */
	points: 512,
	stroke: 4_000,
	/** Strokes of one person on one share. */
	strokes: 400,
	/** Messages of one person: so many at once, and so many a second for long. */
	burst: 120,
	rate: 60
} as const;

/** How long a laser is seen after it moved last, in milliseconds. */
export const laserTime = 1_500;

export type InkMessage =
	/** The points of a stroke from a place on: what is there from that place on is replaced. */
	| { do: 'draw'; share: string; id: number; tool: InkTool; from: number; points: number[] }
	| { do: 'undo'; share: string; id: number }
	/** Everything of everybody goes; only those may who lead, or whose screen it is. */
	| { do: 'clear'; share: string };

export interface Stroke {
	id: number;
	tool: InkTool;
	points: number[];
	/** When it changed last, in milliseconds on this machine's clock. */
	at: number;
}

export const writeInk = (message: InkMessage): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(message));

/** What somebody sent, or null when it is nothing that this page would have sent. */
export function readInk(bytes: Uint8Array): InkMessage | null {
	if (bytes.byteLength > inkLimits.message) return null;
	let given: unknown;
	try {
		given = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		return null;
	}
	if (typeof given !== 'object' || given === null || Array.isArray(given)) return null;
	const { do: act, share, id, tool, from, points } = given as Record<string, unknown>;
	if (typeof share !== 'string' || share.length === 0 || share.length > 64) return null;
	if (act === 'clear') return { do: 'clear', share };
	if (!isWhole(id, Number.MAX_SAFE_INTEGER)) return null;
	if (act === 'undo') return { do: 'undo', share, id };
	if (act !== 'draw' || !inkTools.includes(tool as InkTool) || !isWhole(from, inkLimits.stroke) || from % 2 !== 0) return null;
	if (!Array.isArray(points) || points.length === 0 || points.length > inkLimits.points || points.length % 2 !== 0) return null;
	if (!points.every((point) => isWhole(point, inkScale))) return null;
	return { do: 'draw', share, id, tool: tool as InkTool, from, points: points as number[] };
}

const isWhole = (value: unknown, most: number): value is number =>
	Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most;

/** How many messages somebody may still send; it fills again with time. */
interface Allowance {
	left: number;
	at: number;
}

/** Everything that is drawn in one call, by share and by person: each person's strokes are theirs alone. */
export class InkBoard {
	readonly #shares = new Map<string, Map<string, Stroke[]>>();
	readonly #allowances = new Map<string, Allowance>();

	/** Takes in what a person sent, when the share is there and it is not too much; whether anything changed. */
	hear(personId: string, message: InkMessage, now: number, { clears, isOpen }: { clears: boolean; isOpen: boolean }): boolean {
		if (!this.#allows(personId, now) || !isOpen) return false;
		return this.apply(personId, message, now, clears);
	}

	/** The same for one's own hand, which nothing slows down. */
	apply(personId: string, message: InkMessage, now: number, clears = false): boolean {
		if (message.do === 'clear') return clears && this.#shares.delete(message.share);
		const strokes = this.#shares.get(message.share)?.get(personId) ?? [];
		const place = strokes.findIndex(({ id }) => id === message.id);
		if (message.do === 'undo') return place >= 0 && strokes.splice(place, 1).length > 0;
		const before = strokes[place]?.points ?? [];
		const points = [...before.slice(0, message.from), ...message.points];
		// A piece whose beginning never came has no place.
		if (message.from > before.length || points.length > inkLimits.stroke) return false;
		if (place < 0 && strokes.length >= inkLimits.strokes) return false;
		const stroke = { id: message.id, tool: message.tool, points, at: now };
		if (place < 0) strokes.push(stroke);
		else strokes[place] = stroke;
		const people = this.#shares.get(message.share) ?? new Map<string, Stroke[]>();
		this.#shares.set(message.share, people.set(personId, strokes));
		return true;
	}

	/** What is drawn on a share, by whom. */
	on(share: string): { personId: string; stroke: Stroke }[] {
		return [...(this.#shares.get(share) ?? [])].flatMap(([personId, strokes]) => strokes.map((stroke) => ({ personId, stroke })));
	}

	of(personId: string, share: string): readonly Stroke[] {
		return this.#shares.get(share)?.get(personId) ?? [];
	}

	/** Messages that tell somebody who comes late what a person drew and what still stands. */
	retell(personId: string): InkMessage[] {
		return [...this.#shares].flatMap(([share, people]) =>
			(people.get(personId) ?? []).filter(({ tool }) => tool !== 'laser').flatMap((stroke) => tellStroke(share, stroke))
		);
	}

	/** Strokes end with the share on which they are. */
	keep(shares: ReadonlySet<string>): boolean {
		const gone = [...this.#shares.keys()].filter((share) => !shares.has(share));
		for (const share of gone) this.#shares.delete(share);
		return gone.length > 0;
	}

	/** Whoever left the call takes along what they drew: they tell it again when they come back. */
	forget(personId: string): boolean {
		this.#allowances.delete(personId);
		return [...this.#shares.values()].map((people) => people.delete(personId)).includes(true);
	}

	/** Takes away the lasers that have faded; whether one still shines. */
	fade(now: number): boolean {
		let shining = false;
		for (const people of this.#shares.values()) {
			for (const [personId, strokes] of people) {
				const left = strokes.filter(({ tool, at }) => tool !== 'laser' || now - at < laserTime);
				shining ||= left.some(({ tool }) => tool === 'laser');
				people.set(personId, left);
			}
		}
		return shining;
	}

	#allows(personId: string, now: number): boolean {
		const before = this.#allowances.get(personId) ?? { left: inkLimits.burst, at: now };
		const left = Math.min(inkLimits.burst, before.left + ((now - before.at) / 1000) * inkLimits.rate);
		this.#allowances.set(personId, { left: left < 1 ? left : left - 1, at: now });
		return left >= 1;
	}
}

/** One stroke in as many messages as it needs. */
export function tellStroke(share: string, { id, tool, points }: Pick<Stroke, 'id' | 'tool' | 'points'>, start = 0): InkMessage[] {
	const messages: InkMessage[] = [];
	for (let from = start; from < points.length; from += inkLimits.points)
		messages.push({ do: 'draw', share, id, tool, from, points: points.slice(from, from + inkLimits.points) });
	return messages;
}

/** The place of a picture within its element, with bars at the sides or above and below. */
export interface Box {
	left: number;
	top: number;
	width: number;
	height: number;
}

/** Where a picture that is shown whole lies within its element; all in CSS pixels of that element. */
export function pictureBox(element: { width: number; height: number }, picture: { width: number; height: number }): Box {
	if (!(picture.width > 0 && picture.height > 0)) return { left: 0, top: 0, width: 0, height: 0 };
	const scale = Math.min(element.width / picture.width, element.height / picture.height);
	const [width, height] = [picture.width * scale, picture.height * scale];
	return { left: (element.width - width) / 2, top: (element.height - height) / 2, width, height };
}

/** A place on the screen as a place in the picture, at its edge when it is outside. */
export function toInk(box: Box, x: number, y: number): [number, number] {
	const within = (value: number) => Math.round(Math.max(0, Math.min(1, value || 0)) * inkScale);
	return [within((x - box.left) / box.width), within((y - box.top) / box.height)];
}

/** A stroke as an SVG path in pixels of a picture that is shown in this size. */
export function pathOf(
	{ tool, points }: Pick<Stroke, 'tool' | 'points'>,
	{ width, height }: { width: number; height: number }
): string {
	const at = (index: number) =>
		[((points[index] ?? 0) / inkScale) * width, ((points[index + 1] ?? 0) / inkScale) * height] as const;
	const line = (index: number) =>
		at(index)
			.map((each) => each.toFixed(1))
			.join(' ');
	const last = points.length - 2;
	if (tool === 'arrow') {
		const [[x1, y1], [x2, y2]] = [at(0), at(last)];
		const angle = Math.atan2(y2 - y1, x2 - x1);
		const wing = Math.min(22, Math.hypot(x2 - x1, y2 - y1) * 0.5);
		const side = (turn: number) =>
			`${(x2 - wing * Math.cos(angle + turn)).toFixed(1)} ${(y2 - wing * Math.sin(angle + turn)).toFixed(1)}`;
		return `M${line(0)}L${line(last)}M${side(0.5)}L${line(last)}L${side(-0.5)}`;
	}
	// A point alone is a dot.
	if (last === 0) return `M${line(0)}h0.1`;
	let path = `M${line(0)}`;
	for (let index = 2; index <= last; index += 2) path += `L${line(index)}`;
	return path;
}

const hues = [8, 212, 145, 285, 38, 178, 325, 255, 95, 60];

/** The colour in which a person draws: the same for everybody who looks, and seen on light and on dark. */
export function inkColor(personId: string): string {
	let hash = 0;
	for (const letter of personId) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
	return `hsl(${hues[hash % hues.length]} 85% 45%)`;
}
