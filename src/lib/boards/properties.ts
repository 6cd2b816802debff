import { boundsOf, furthest, packPoints, unpackPoints } from './strokes.ts';
import type { Point } from './strokes.ts';

/** The kinds of things on a board. */
export const elementTypes = ['rectangle', 'diamond', 'ellipse', 'arrow', 'line', 'freedraw', 'text', 'image', 'frame'] as const;
export type ElementType = (typeof elementTypes)[number];

/** The properties of an element as they are kept: by name, and only what is known to be valid. */
export interface Kept {
	readonly type: ElementType;
	/** Left, top, width, height and the angle in radians; what has points gets its size from them. */
	readonly at: readonly [x: number, y: number, width: number, height: number, angle: number];
	/** Of lines and strokes: `packPoints`. */
	readonly points?: string;
	/** Of texts: what was typed, without the line breaks of the layout. */
	readonly words?: string;
	readonly [property: string]: unknown;
}

/** An element as Excalidraw draws it. */
export type Drawn = Record<string, unknown> & { id: string; type: ElementType };

interface Property {
	/** The value as it is kept; undefined when it is none. */
	readonly read: (value: unknown) => unknown;
	readonly otherwise: unknown;
}

type Check = (value: unknown) => boolean;
const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (least: number, most: number) => (value: unknown) =>
	typeof value === 'number' && value >= least && value <= most;
const isId = (value: unknown): value is string =>
	typeof value === 'string' && /^[\w-]{1,64}$/.test(value) && !(value in Object.prototype);
const isOneOf =
	(...values: readonly unknown[]) =>
	(value: unknown) =>
		values.includes(value);
const isBoolean = isOneOf(true, false);
const isColor = (value: unknown) => typeof value === 'string' && /^[#a-z0-9(),.%\s/-]{1,48}$/i.test(value);
const isText = (longest: number) => (value: unknown) => typeof value === 'string' && value.length <= longest;

const when = (isValid: Check, otherwise: unknown): Property => ({
	read: (value) => (isValid(value) ? value : undefined),
	otherwise
});
const orNull = (isValid: Check): Property => when((value) => value === null || isValid(value), null);

/** Whether an id can be one of an element: also as a key of plain objects. */
export const isElementId = isId;

/** Only to pages and letters: what a link runs is nothing that another person wrote. */
const isLink = (value: unknown) =>
	typeof value === 'string' && value.length <= 2_000 && /^(https?:\/\/|mailto:|\/(?!\/))\S*$/i.test(value);

/** A key of `fractional-indexing`, as Excalidraw makes them; any other would make it throw. */
function isIndex(value: unknown): boolean {
	if (typeof value !== 'string' || value.length > 200 || !/^[a-zA-Z][0-9A-Za-z]+$/.test(value)) return false;
	const head = value.charCodeAt(0);
	const whole = head >= 97 ? head - 97 + 2 : 90 - head + 2;
	return value.length >= whole && (value.length === whole || !value.endsWith('0')) && !/^A0+$/.test(value.slice(0, whole));
}

const roundness: Property = {
	read: (value) => (value === null ? null : isObject(value) && isOneOf(1, 2, 3)(value.type) ? { type: value.type } : undefined),
	otherwise: null
};

const binding: Property = {
	read: (value) => {
		if (value === null) return null;
		if (!isObject(value) || !isId(value.elementId)) return undefined;
		const { elementId, focus, gap, fixedPoint } = value;
		if (!isNumber(-1e6, 1e6)(focus) || !isNumber(-1e6, 1e6)(gap)) return undefined;
		const fixed = Array.isArray(fixedPoint) && fixedPoint.length === 2 && fixedPoint.every(isNumber(-1e3, 1e3));
		return { elementId, focus, gap, ...(fixed ? { fixedPoint: [...(fixedPoint as number[])] } : {}) };
	},
	otherwise: null
};

const cropKeys = ['x', 'y', 'width', 'height', 'naturalWidth', 'naturalHeight'] as const;
const crop: Property = {
	read: (value) => {
		if (value === null) return null;
		if (!isObject(value) || !cropKeys.every((key) => isNumber(0, furthest)(value[key]))) return undefined;
		if (![value.width, value.height, value.naturalWidth, value.naturalHeight].every((each) => Number(each) > 0)) return undefined;
		return Object.fromEntries(cropKeys.map((key) => [key, value[key]]));
	},
	otherwise: null
};

const heads = ['arrow', 'bar', 'dot', 'circle', 'circle_outline', 'triangle', 'triangle_outline', 'diamond', 'diamond_outline'];
const arrowhead = orNull(isOneOf(...heads, 'crowfoot_one', 'crowfoot_many', 'crowfoot_one_or_many'));

const common: Record<string, Property> = {
	index: orNull(isIndex),
	strokeColor: when(isColor, '#1e1e1e'),
	backgroundColor: when(isColor, 'transparent'),
	fillStyle: when(isOneOf('solid', 'hachure', 'cross-hatch', 'zigzag'), 'solid'),
	strokeWidth: when(isNumber(0.1, 64), 2),
	strokeStyle: when(isOneOf('solid', 'dashed', 'dotted'), 'solid'),
	roughness: when(isNumber(0, 5), 1),
	opacity: when(isNumber(0, 100), 100),
	seed: when(isNumber(0, 2 ** 31), 1),
	roundness,
	groupIds: {
		read: (value) => (Array.isArray(value) && value.length <= 32 && value.every(isId) ? [...value] : undefined),
		otherwise: []
	},
	frameId: orNull(isId),
	link: orNull(isLink),
	locked: when(isBoolean, false)
};
const linear = { startBinding: binding, endBinding: binding, startArrowhead: arrowhead, endArrowhead: arrowhead };

/** What an element has beside its place, by its type. */
export const propertiesOf: Readonly<Record<ElementType, Readonly<Record<string, Property>>>> = {
	rectangle: common,
	diamond: common,
	ellipse: common,
	line: { ...common, ...linear },
	arrow: { ...common, ...linear, elbowed: when(isBoolean, false) },
	freedraw: { ...common, simulatePressure: when(isBoolean, true) },
	text: {
		...common,
		fontSize: when(isNumber(1, 2_000), 20),
		fontFamily: when(isOneOf(1, 2, 3, 5, 6, 7, 8, 9), 5),
		textAlign: when(isOneOf('left', 'center', 'right'), 'left'),
		verticalAlign: when(isOneOf('top', 'middle', 'bottom'), 'top'),
		lineHeight: when(isNumber(0.5, 5), 1.25),
		autoResize: when(isBoolean, true),
		containerId: orNull(isId),
		/** With the line breaks of the layout, when it has some. */
		laidOut: orNull(isText(40_000))
	},
	image: {
		...common,
		fileId: orNull(isId),
		scale: {
			read: (value) =>
				Array.isArray(value) && value.length === 2 && value.every(isOneOf(1, -1)) ? [...(value as number[])] : undefined,
			otherwise: [1, 1]
		},
		crop
	},
	frame: { ...common, name: orNull(isText(200)) }
};

/** The longest text of an element, in characters. */
const longestWords = 20_000;
const hasPoints = (type: ElementType) => type === 'line' || type === 'arrow' || type === 'freedraw';

const hasPressure = ({ type, simulatePressure }: Readonly<Record<string, unknown>>): boolean =>
	type === 'freedraw' && simulatePressure === false;

const typeOf = (value: unknown): ElementType | null => elementTypes.find((each) => each === value) ?? null;
const toStep = (value: number): number => Math.round(value * 64) / 64 + 0;

/** What is kept of an element that is drawn; null when it is nothing to keep. `packed`: its points, when they are known. */
export function keptOf(element: Readonly<Record<string, unknown>>, packed?: string): Kept | null {
	const type = typeOf(element.type);
	if (!type) return null;
	const own = hasPoints(type);
	const words = String(element.originalText ?? element.text ?? '').slice(0, longestWords);
	const laidOut = typeof element.text === 'string' && element.text !== words ? element.text : null;
	return keptFrom({
		...element,
		laidOut,
		words,
		at: [element.x, element.y, own ? 0 : element.width, own ? 0 : element.height, element.angle],
		points: own
			? (packed ?? packPoints((element.points ?? []) as Point[], hasPressure(element) ? (element.pressures as number[]) : []))
			: undefined
	});
}

/** What is valid of properties that anybody may have written; null when that makes no element. */
export function keptFrom(values: Readonly<Record<string, unknown>>): Kept | null {
	const type = typeOf(values.type);
	const at = placeFrom(values.at);
	if (!type || !at) return null;
	const kept: Record<string, unknown> = { type, at };
	if (hasPoints(type)) {
		if (typeof values.points !== 'string') return null;
		kept.points = values.points;
	}
	if (type === 'text') kept.words = typeof values.words === 'string' ? values.words.slice(0, longestWords) : '';
	for (const [name, { read, otherwise }] of Object.entries(propertiesOf[type])) kept[name] = read(values[name]) ?? otherwise;
	return kept as Kept;
}

function placeFrom(value: unknown): Kept['at'] | null {
	if (!Array.isArray(value) || value.length !== 5 || !value.every(isNumber(-furthest, furthest))) return null;
	const [x, y, width, height, angle] = value as [number, number, number, number, number];
	return [toStep(x), toStep(y), Math.abs(toStep(width)), Math.abs(toStep(height)), Math.fround(angle % (2 * Math.PI)) + 0];
}

/** The element that what is kept describes, but for what it has to do with others; null when its points are none. */
export function drawnFrom(id: string, kept: Kept): Drawn | null {
	const [x, y, width, height, angle] = kept.at;
	const { at: _at, points: packed, words, laidOut, ...own } = kept;
	const drawn: Drawn = {
		...own,
		id,
		x,
		y,
		width,
		height,
		angle,
		isDeleted: false,
		boundElements: null,
		updated: 1,
		version: 1,
		versionNonce: 0
	};
	if (packed !== undefined) {
		const stroke = unpackPoints(packed);
		if (!stroke || (kept.type !== 'freedraw' && stroke.points.length < 2)) return null;
		Object.assign(drawn, { points: stroke.points, lastCommittedPoint: null, ...boundsOf(stroke.points) });
		if (kept.type === 'freedraw') Object.assign(drawn, pressureOf(stroke, kept));
		if (kept.type === 'arrow') Object.assign(drawn, elbowOf(stroke.points, kept));
	}
	if (words !== undefined) Object.assign(drawn, { originalText: words, text: layoutOf(words, laidOut) });
	if (kept.type === 'image') drawn.status = 'saved';
	return drawn;
}

/** Of a pen that tells its pressure every point has one. */
const pressureOf = ({ pressures }: { pressures: number[] }, { simulatePressure }: Kept) => ({
	pressures,
	simulatePressure: simulatePressure === true || pressures.length === 0
});

/** An arrow with corners runs along the axes; what does not is an arrow like any other. */
function elbowOf(points: readonly Point[], { elbowed }: Kept) {
	const straight = points.every(([x, y], index) => {
		const before = points[index - 1];
		return !before || Math.abs(before[0] - x) < 0.2 || Math.abs(before[1] - y) < 0.2;
	});
	return { elbowed: elbowed === true && straight, fixedSegments: null, startIsSpecial: null, endIsSpecial: null };
}

/** The layout that was kept, unless others have changed the words since. */
const layoutOf = (words: string, laidOut: unknown): string =>
	typeof laidOut === 'string' && laidOut.replace(/\s/g, '') === words.replace(/\s/g, '') ? laidOut : words;
