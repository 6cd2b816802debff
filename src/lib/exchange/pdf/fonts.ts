import { unzlibSync } from 'fflate';
import type { Contour } from '#lib/ui/formula/contour.ts';
import { trace } from '#lib/ui/formula/trace.ts';
import { fontSlices, partsOf, readSlice, sliceOf, weights } from './letters.ts';
import type { Letter, Weight } from './letters.ts';
import { contoursOf, fontOf, outlineOf } from './truetype.ts';

/** Where slices of the font come from; null for one that there is not. */
export type Slices = (name: string) => Promise<Uint8Array | null>;

/** Slices from the server of this page, as far as they are asked for. */
export const fetchSlices =
	(origin: string): Slices =>
	async (name) => {
		const response = await fetch(`${origin}${fontSlices}${name}`);
		if (response.status === 404) return null;
		if (!response.ok) throw new Error('a font could not be fetched');
		return new Uint8Array(await response.arrayBuffer());
	};

/** How high and how deep a line of the font is. */
const [ascent, descent] = [920, 240];
const names: Record<Weight, string> = { normal: 'NotoSansSC-Regular', bold: 'NotoSansSC-Bold', mono: 'JetBrainsMono-Regular' };
const invisible = /^[\p{Cc}\p{Cf}\p{Variation_Selector}]$/u;

/** The letters of a text, gathered from the slices that they lie in; what the font lacks is drawn as the page shows it. */
export class Letters {
	readonly #slices: Slices;
	readonly #known: Record<Weight, Map<number, Letter>> = { normal: new Map(), bold: new Map(), mono: new Map() };
	readonly #parts: Record<Weight, Map<number, Letter>> = { normal: new Map(), bold: new Map(), mono: new Map() };

	constructor(slices: Slices) {
		this.#slices = slices;
	}

	/** Gathers what these signs are drawn with; tells how far it is. */
	async gather(signs: Record<Weight, Set<string>>, onprogress: (part: number) => void): Promise<void> {
		// What code is not written in has no letters of even width.
		for (const sign of signs.mono) if (sliceOf(sign.codePointAt(0) ?? 0) !== 'base') signs.normal.add(sign);
		const wanted = weights.flatMap((weight) =>
			[...new Set([...signs[weight]].map((sign) => sliceOf(sign.codePointAt(0) ?? 0)))].map((name) => ({ weight, name }))
		);
		let done = 0;
		await Promise.all(
			wanted.map(async ({ weight, name }) => {
				const packed = await this.#slices(`${weight}-${name}`);
				for (const letter of packed ? readSlice(unzlibSync(packed)) : []) {
					this.#parts[weight].set(letter.gid, letter);
					if (letter.code !== null) this.#known[weight].set(letter.code, letter);
				}
				onprogress(++done / wanted.length);
			})
		);
	}

	/** A font that holds what these signs need. */
	font(weight: Weight, signs: ReadonlySet<string>): Uint8Array {
		const chosen = new Map<number, Letter>();
		let made = 0xffff;
		for (const sign of signs) {
			const code = sign.codePointAt(0) ?? 0;
			const letter = this.#known[weight].get(code);
			const other = weight === 'mono' ? this.#known.normal.get(code) : undefined;
			if (letter) chosen.set(code, letter);
			else if (other && partsOf(other.outline).length === 0) chosen.set(code, { ...other, gid: made-- });
			else if (invisible.test(sign)) chosen.set(code, { code, gid: made--, advance: 0, bearing: 0, outline: new Uint8Array() });
			else {
				const { contours, advance } = trace(sign, weight === 'bold');
				const outline = outlineOf(contours);
				chosen.set(code, { code, gid: made--, advance, bearing: bearingOf(outline), outline });
			}
		}
		const parts = [...this.#parts[weight].values()].map((letter) => ({ ...letter, code: null }));
		return fontOf(names[weight], [...parts, ...chosen.values()], ascent, descent);
	}

	/** The outline of a sign within a formula. */
	contours(sign: string): Contour[] {
		const letter = this.#known.normal.get(sign.codePointAt(0) ?? 0);
		return letter ? contoursOf(letter.outline) : trace(sign).contours;
	}
}

/** How far left an outline begins. */
export const bearingOf = (outline: Uint8Array): number =>
	outline.length < 10 ? 0 : new DataView(outline.buffer, outline.byteOffset).getInt16(2);
