import type { Contour } from '#lib/ui/formula/contour.ts';
import { partsOf } from './letters.ts';
import type { Letter } from './letters.ts';

/** A shape as TrueType writes it down. */
export function outlineOf(contours: readonly Contour[]): Uint8Array {
	const shapes = contours.filter(({ length }) => length > 2);
	const points = shapes.flat().map(({ x, y, on }) => ({ x: Math.round(x), y: Math.round(y), on }));
	if (points.length === 0) return new Uint8Array();
	const bytes = new Uint8Array(10 + shapes.length * 2 + 2 + points.length * 5);
	const view = new DataView(bytes.buffer);
	view.setInt16(0, shapes.length);
	const bound = (pick: 'min' | 'max', axis: 'x' | 'y') =>
		points.reduce((far, point) => Math[pick](far, point[axis]), pick === 'min' ? Infinity : -Infinity);
	view.setInt16(2, bound('min', 'x'));
	view.setInt16(4, bound('min', 'y'));
	view.setInt16(6, bound('max', 'x'));
	view.setInt16(8, bound('max', 'y'));
	let at = 10;
	let end = -1;
	for (const shape of shapes) view.setUint16((at += 2) - 2, (end += shape.length));
	at += 2;
	for (const { on } of points) bytes[at++] = on ? 1 : 0;
	for (const axis of ['x', 'y'] as const) {
		let before = 0;
		for (const point of points) {
			view.setInt16(at, point[axis] - before);
			before = point[axis];
			at += 2;
		}
	}
	return bytes;
}

/** Letters as a font of its own: a thousand units to the em, as high and as deep as is said. */
export function fontOf(name: string, letters: readonly Letter[], ascent: number, descent: number): Uint8Array {
	// Number 0 is drawn for what is missing.
	const all: { letter: Letter; outline: Uint8Array }[] = [];
	const numbers = new Map<Letter, number>();
	const byGid = new Map(letters.map((letter) => [letter.gid, letter]));
	const add = (letter: Letter): number => {
		const known = numbers.get(letter);
		if (known !== undefined) return known;
		const number = all.length;
		numbers.set(letter, number);
		const outline = letter.outline.slice();
		all.push({ letter, outline });
		const view = new DataView(outline.buffer);
		for (const { gid, at } of partsOf(outline)) {
			const part = byGid.get(gid);
			view.setUint16(at, part ? add(part) : 0);
		}
		return number;
	};
	add({ code: null, gid: -1, advance: 500, bearing: 0, outline: new Uint8Array() });
	for (const letter of letters) if (letter.code !== null) add(letter);
	const places: number[] = [0];
	for (const { outline } of all) places.push((places.at(-1) ?? 0) + ((outline.length + 3) & ~3));
	const glyf = new Uint8Array(places.at(-1) ?? 0);
	all.forEach(({ outline }, number) => glyf.set(outline, places[number]));
	const codes = all
		.map(({ letter }, number) => [letter.code, number] as const)
		.filter((pair): pair is readonly [number, number] => pair[0] !== null)
		.sort(([one], [other]) => one - other);
	const of = (size: number, write: (view: DataView) => void): Uint8Array => {
		const view = new DataView(new ArrayBuffer(size));
		write(view);
		return new Uint8Array(view.buffer);
	};
	const word = [...name].flatMap((sign) => [0, sign.charCodeAt(0)]);
	const tables: [string, Uint8Array][] = [
		[
			'OS/2',
			of(96, (view) => {
				view.setUint16(0, 4);
				view.setUint16(4, 400);
				view.setUint16(6, 5);
				view.setInt16(68, ascent);
				view.setInt16(70, -descent);
				view.setUint16(74, ascent);
				view.setUint16(76, descent);
				view.setInt16(86, 543);
				view.setInt16(88, 733);
			})
		],
		[
			'cmap',
			of(28 + codes.length * 12, (view) => {
				view.setUint16(2, 1);
				view.setUint16(4, 3);
				view.setUint16(6, 10);
				view.setUint32(8, 12);
				view.setUint16(12, 12);
				view.setUint32(16, 16 + codes.length * 12);
				view.setUint32(24, codes.length);
				codes.forEach(([code, number], index) => {
					view.setUint32(28 + index * 12, code);
					view.setUint32(32 + index * 12, code);
					view.setUint32(36 + index * 12, number);
				});
			})
		],
		['glyf', glyf],
		[
			'head',
			of(54, (view) => {
				view.setUint32(0, 0x10000);
				view.setUint32(4, 0x10000);
				view.setUint32(12, 0x5f0f3cf5);
				view.setUint16(18, 1000);
				view.setInt16(38, -descent);
				view.setInt16(40, 1000);
				view.setInt16(42, ascent);
				view.setUint16(46, 8);
				view.setInt16(48, 2);
				view.setInt16(50, 1);
			})
		],
		[
			'hhea',
			of(36, (view) => {
				view.setUint32(0, 0x10000);
				view.setInt16(4, ascent);
				view.setInt16(6, -descent);
				view.setUint16(
					10,
					all.reduce((most, { letter }) => Math.max(most, letter.advance), 0)
				);
				view.setInt16(18, 1);
				view.setUint16(34, all.length);
			})
		],
		[
			'hmtx',
			of(all.length * 4, (view) =>
				all.forEach(({ letter }, number) => {
					view.setUint16(number * 4, Math.round(letter.advance));
					view.setInt16(number * 4 + 2, Math.round(letter.bearing));
				})
			)
		],
		['loca', of(places.length * 4, (view) => places.forEach((place, number) => view.setUint32(number * 4, place)))],
		[
			'maxp',
			of(32, (view) => {
				view.setUint32(0, 0x10000);
				view.setUint16(4, all.length);
				for (const at of [6, 8, 10, 12, 14, 28, 30]) view.setUint16(at, at < 14 ? 0xffff : 8);
			})
		],
		[
			'name',
			of(18 + word.length, (view) => {
				view.setUint16(2, 1);
				view.setUint16(4, 18);
				view.setUint16(6, 3);
				view.setUint16(8, 1);
				view.setUint16(10, 0x409);
				view.setUint16(12, 6);
				view.setUint16(14, word.length);
				word.forEach((byte, index) => view.setUint8(18 + index, byte));
			})
		],
		['post', of(32, (view) => view.setUint32(0, 0x30000))]
	];
	const head = 12 + tables.length * 16;
	const font = new Uint8Array(head + tables.reduce((sum, [, { length }]) => sum + ((length + 3) & ~3), 0));
	const view = new DataView(font.buffer);
	view.setUint32(0, 0x10000);
	view.setUint16(4, tables.length);
	let at = head;
	tables.forEach(([tag, bytes], index) => {
		const row = 12 + index * 16;
		for (let sign = 0; sign < 4; sign++) view.setUint8(row + sign, tag.charCodeAt(sign));
		view.setUint32(row + 8, at);
		view.setUint32(row + 12, bytes.length);
		font.set(bytes, at);
		at += (bytes.length + 3) & ~3;
	});
	return font;
}

/** The outline of a letter as contours; empty for one that is made of others. */
export function contoursOf(outline: Uint8Array): Contour[] {
	if (outline.length < 10) return [];
	const view = new DataView(outline.buffer, outline.byteOffset, outline.byteLength);
	const count = view.getInt16(0);
	if (count <= 0) return [];
	const ends = Array.from({ length: count }, (_, index) => view.getUint16(10 + index * 2));
	const points = (ends.at(-1) ?? -1) + 1;
	let at = 10 + count * 2;
	at += 2 + view.getUint16(at);
	const flags: number[] = [];
	while (flags.length < points) {
		const flag = view.getUint8(at++);
		const times = flag & 8 ? view.getUint8(at++) : 0;
		for (let time = 0; time <= times; time++) flags.push(flag);
	}
	const along = (short: number, same: number): number[] => {
		let value = 0;
		return flags.map((flag) => {
			if (flag & short) value += flag & same ? view.getUint8(at++) : -view.getUint8(at++);
			else if (!(flag & same)) value += view.getInt16((at += 2) - 2);
			return value;
		});
	};
	const xs = along(2, 16);
	const ys = along(4, 32);
	return ends.map((end, index) => {
		const start = index === 0 ? 0 : (ends[index - 1] ?? -1) + 1;
		return Array.from({ length: end - start + 1 }, (_, place) => ({
			x: xs[start + place] ?? 0,
			y: ys[start + place] ?? 0,
			on: ((flags[start + place] ?? 0) & 1) === 1
		}));
	});
}
