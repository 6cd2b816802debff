import { imageSize } from 'image-size';
import { isImage, mostPixels } from '../model.ts';

export interface FileKind {
	type: string;
	/** Of a picture, in pixels, as it is shown. */
	width: number | null;
	height: number | null;
}

/** What is only ever downloaded, named so that a page may tell what it is. */
const others: readonly [type: string, begins: string][] = [
	['application/pdf', '%PDF-'],
	['application/zip', 'PK\x03\x04']
];
const unknown: FileKind = { type: 'application/octet-stream', width: null, height: null };

/** What a file is by its first bytes. A picture that cannot be measured, or is too large to show, is no picture. */
export function kindOf(head: Uint8Array): FileKind {
	const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 64)).toString('latin1');
	const image = imageTypeOf(start);
	if (image) return measured(image, head);
	const other = others.find(([, begins]) => start.startsWith(begins));
	if (other) return { ...unknown, type: other[0] };
	return drawing(head) ?? unknown;
}

function imageTypeOf(start: string): string | null {
	if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
	if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
	if (/^GIF8[79]a/.test(start)) return 'image/gif';
	if (/^RIFF[^]{4}WEBP/.test(start)) return 'image/webp';
	if (/^[^]{4}ftyp(avif|avis)/.test(start)) return 'image/avif';
	return null;
}

function measured(type: string, head: Uint8Array): FileKind {
	try {
		const { width, height, orientation = 1 } = imageSize(head);
		// A photograph may say that it lies on its side.
		return shown(type, ...((orientation > 4 ? [height, width] : [width, height]) as [number, number]));
	} catch {
		return unknown;
	}
}

const shown = (type: string, width: number, height: number): FileKind =>
	isImage(type) && width >= 1 && height >= 1 && width * height <= mostPixels
		? { type, width: Math.round(width), height: Math.round(height) }
		: unknown;

const preamble =
	/^\uFEFF?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->)[^]){0,4000}-->\s*)?(?:<!DOCTYPE svg[^>[]{0,300}>\s*)?(?:<!--(?:(?!-->)[^]){0,4000}-->\s*)?<svg(\s[^>]{0,4000})?>/;

/** A drawing in SVG: it begins with nothing but what may stand before its root. */
function drawing(head: Uint8Array): FileKind | null {
	const text = new TextDecoder().decode(head.subarray(0, 16 * 1024));
	const root = preamble.exec(text);
	if (!root) return null;
	const attribute = (name: string) => new RegExp(`\\s${name}\\s*=\\s*["']([^"']*)["']`).exec(root[1] ?? '')?.[1];
	const [, , wide, high] = (attribute('viewBox') ?? '')
		.trim()
		.split(/[\s,]+/)
		.map(Number);
	const length = (name: string) => {
		const [, digits, unit] = /^(\d{1,6}(?:\.\d+)?)(px)?$/.exec(attribute(name) ?? '') ?? [];
		return digits === undefined || (unit !== undefined && unit !== 'px') ? undefined : Number(digits);
	};
	return shown('image/svg+xml', length('width') ?? wide ?? 300, length('height') ?? high ?? 150);
}
