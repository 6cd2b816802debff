/** Where the build puts the font in slices; see `fonts.config.ts`. */
export const fontSlices = '/_app/immutable/letters1/';
export const weights = ['normal', 'bold', 'mono'] as const;
export type Weight = (typeof weights)[number];

/** One letter of a font: a thousand units to the em. */
export interface Letter {
	/** Its code point; null for what is only a part of other letters. */
	code: number | null;
	/** Its number in the font it comes from, by which others name it as their part. */
	gid: number;
	advance: number;
	bearing: number;
	/** Its outline as TrueType writes it down; empty for spaces. */
	outline: Uint8Array;
}

let common: Map<number, number> | undefined;
/** The 3,755 commonest characters by their place in the national standard, which orders them by sound. */
function commonPlace(code: number): number | undefined {
	if (!common) {
		common = new Map();
		const decoder = new TextDecoder('gb18030');
		for (let row = 0xb0; row <= 0xd7; row++)
			for (let cell = 0xa1; cell <= (row === 0xd7 ? 0xf9 : 0xfe); cell++)
				common.set(decoder.decode(Uint8Array.of(row, cell)).codePointAt(0) ?? 0, common.size);
	}
	return common.get(code);
}

/** In which slice a character lies: common ones together, rare ones by their block. */
export function sliceOf(code: number): string {
	if (code < 0x250 || (code >= 0x2000 && code < 0x2070) || (code >= 0x3000 && code < 0x3040) || code >= 0xff00)
		if (code < 0x10000) return 'base';
	const place = commonPlace(code);
	return place === undefined ? `x${(code >> 8).toString(16)}` : `c${Math.floor(place / 470)}`;
}

/** Writes a slice: for each letter its code, number, advance, bearing, and its outline after its length. */
export function writeSlice(letters: readonly Letter[]): Uint8Array {
	const bytes = new Uint8Array(4 + letters.reduce((sum, { outline }) => sum + 14 + outline.length, 0));
	const view = new DataView(bytes.buffer);
	view.setUint32(0, letters.length);
	let at = 4;
	for (const { code, gid, advance, bearing, outline } of letters) {
		view.setUint32(at, code ?? 0xffffffff);
		view.setUint16(at + 4, gid);
		view.setUint16(at + 6, advance);
		view.setInt16(at + 8, bearing);
		view.setUint32(at + 10, outline.length);
		bytes.set(outline, at + 14);
		at += 14 + outline.length;
	}
	return bytes;
}

export function readSlice(bytes: Uint8Array): Letter[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let at = 4;
	return Array.from({ length: view.getUint32(0) }, () => {
		const code = view.getUint32(at);
		const length = view.getUint32(at + 10);
		const letter = {
			code: code === 0xffffffff ? null : code,
			gid: view.getUint16(at + 4),
			advance: view.getUint16(at + 6),
			bearing: view.getInt16(at + 8),
			outline: bytes.subarray(at + 14, at + 14 + length)
		};
		at += 14 + length;
		return letter;
	});
}

/** Of which other letters a letter is made: their numbers, and where in its outline these stand. */
export function partsOf(outline: Uint8Array): { gid: number; at: number }[] {
	const view = new DataView(outline.buffer, outline.byteOffset, outline.byteLength);
	if (outline.length < 10 || view.getInt16(0) >= 0) return [];
	const parts: { gid: number; at: number }[] = [];
	for (let at = 10; ;) {
		const flags = view.getUint16(at);
		parts.push({ gid: view.getUint16(at + 2), at: at + 2 });
		at += 4 + (flags & 1 ? 4 : 2) + (flags & 8 ? 2 : flags & 0x40 ? 4 : flags & 0x80 ? 8 : 0);
		if (!(flags & 0x20)) return parts;
	}
}

/** All letters of a TrueType font, by their numbers; with its parts a letter is drawn. */
export function lettersOf(font: Uint8Array): { all: (Letter | undefined)[]; codes: Map<number, number> } {
	const view = new DataView(font.buffer, font.byteOffset, font.byteLength);
	const tables = new Map(
		Array.from({ length: view.getUint16(4) }, (_, index) => {
			const at = 12 + index * 16;
			return [String.fromCharCode(...font.subarray(at, at + 4)), view.getUint32(at + 8)];
		})
	);
	const table = (name: string): number => {
		const at = tables.get(name);
		if (at === undefined) throw new Error(`the font has no ${name}`);
		return at;
	};
	const [glyf, loca, hmtx] = [table('glyf'), table('loca'), table('hmtx')];
	const count = view.getUint16(table('maxp') + 4);
	const isLong = view.getInt16(table('head') + 50) === 1;
	const metrics = view.getUint16(table('hhea') + 34);
	const place = (gid: number) => glyf + (isLong ? view.getUint32(loca + gid * 4) : view.getUint16(loca + gid * 2) * 2);
	const codes = codesOf(view, table('cmap'));
	const codeOf = new Map([...codes].map(([code, gid]) => [gid, code]));
	const all = Array.from({ length: count }, (_, gid): Letter => {
		const row = Math.min(gid, metrics - 1);
		return {
			code: codeOf.get(gid) ?? null,
			gid,
			advance: view.getUint16(hmtx + row * 4),
			bearing: gid < metrics ? view.getInt16(hmtx + gid * 4 + 2) : view.getInt16(hmtx + metrics * 4 + (gid - metrics) * 2),
			outline: font.subarray(place(gid), place(gid + 1))
		};
	});
	return { all, codes };
}

/** Which code point leads to which letter. */
function codesOf(view: DataView, cmap: number): Map<number, number> {
	const codes = new Map<number, number>();
	for (let index = 0; index < view.getUint16(cmap + 2); index++) {
		const at = cmap + view.getUint32(cmap + 8 + index * 8);
		const format = view.getUint16(at);
		if (format === 12)
			for (let group = 0; group < view.getUint32(at + 12); group++) {
				const row = at + 16 + group * 12;
				const [first, last, gid] = [view.getUint32(row), view.getUint32(row + 4), view.getUint32(row + 8)];
				for (let code = first; code <= last; code++) codes.set(code, gid + code - first);
			}
		if (format !== 4) continue;
		const size = view.getUint16(at + 6);
		for (let row = at + 14; row < at + 14 + size; row += 2) {
			const [last, first] = [view.getUint16(row), view.getUint16(row + size + 2)];
			const [delta, range] = [view.getUint16(row + 2 * size + 2), view.getUint16(row + 3 * size + 2)];
			for (let code = first; code <= last && code !== 0xffff; code++) {
				const listed = range && view.getUint16(row + 3 * size + 2 + range + (code - first) * 2);
				const gid = range && !listed ? 0 : ((range ? listed : code) + delta) & 0xffff;
				if (gid) codes.set(code, gid);
			}
		}
	}
	return codes;
}

/** A font cut into slices, each with the parts that its letters are made of. */
export function slicesOf(font: Uint8Array): Map<string, Letter[]> {
	const { all, codes } = lettersOf(font);
	const slices = new Map<string, Letter[]>();
	for (const [code, gid] of codes) {
		const letter = all[gid];
		if (!letter) continue;
		const slice = slices.get(sliceOf(code)) ?? [];
		slices.set(sliceOf(code), slice);
		slice.push({ ...letter, code });
	}
	for (const slice of slices.values()) {
		const has = new Set(slice.map(({ gid }) => gid));
		// Grows while it is gone through: parts are made of parts.
		for (const { outline } of slice)
			for (const { gid } of partsOf(outline)) {
				const part = all[gid];
				if (!part || has.has(gid)) continue;
				has.add(gid);
				slice.push({ ...part, code: null });
			}
	}
	return slices;
}
