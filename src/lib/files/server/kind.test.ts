import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kindOf } from './kind.ts';

const text = (written: string) => new TextEncoder().encode(written);
const latin = (written: string) => new Uint8Array(Buffer.from(written, 'latin1'));

function png(width: number, height: number): Uint8Array {
	const header = Buffer.alloc(25);
	header.writeUInt32BE(13, 0);
	header.write('IHDR', 4, 'latin1');
	header.writeUInt32BE(width, 8);
	header.writeUInt32BE(height, 12);
	return Buffer.concat([latin('\x89PNG\r\n\x1a\n'), header, deflateSync(Buffer.alloc(8))]);
}

const unknown = { type: 'application/octet-stream', width: null, height: null };

test('a picture is one by its first bytes', () => {
	expect(kindOf(png(640, 480))).toEqual({ type: 'image/png', width: 640, height: 480 });
	expect(kindOf(latin('GIF89a\x40\x01\xf0\x00\x00'))).toEqual({ type: 'image/gif', width: 320, height: 240 });
	const webp = latin('RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x3f\x01\x00\xef\x00\x00');
	expect(kindOf(webp)).toEqual({ type: 'image/webp', width: 320, height: 240 });
	const jpeg = latin(
		'\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xc0\x00\x11\x08\x00\xf0\x01\x40\x03\x01\x22\x00'
	);
	expect(kindOf(Buffer.concat([jpeg, Buffer.alloc(64)]))).toEqual({ type: 'image/jpeg', width: 320, height: 240 });
});

test('a drawing begins with its root, and is measured by its size or its window', () => {
	const drawing = { type: 'image/svg+xml', width: 200, height: 100 };
	expect(kindOf(text('<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100px"/>'))).toEqual(drawing);
	expect(kindOf(text('<?xml version="1.0"?>\n<!-- 图 -->\n<svg viewBox="0 0 200 100"></svg>'))).toEqual(drawing);
	expect(kindOf(text('<!doctype html><html><svg width="1" height="1"></svg>'))).toEqual(unknown);
	expect(kindOf(text('<script>alert(1)</script><svg width="1" height="1">'))).toEqual(unknown);
});

test('a page, a program and a document of an office are only downloaded', () => {
	expect(kindOf(text('<html><script>alert(1)</script></html>'))).toEqual(unknown);
	expect(kindOf(latin('MZ\x90\x00'))).toEqual(unknown);
	expect(kindOf(latin('PK\x03\x04...'))).toEqual({ ...unknown, type: 'application/zip' });
	expect(kindOf(latin('%PDF-1.7'))).toEqual({ ...unknown, type: 'application/pdf' });
	expect(kindOf(new Uint8Array())).toEqual(unknown);
});

test('a picture that would fill the memory of a browser is none', () => {
	expect(kindOf(png(60_000, 60_000))).toEqual(unknown);
	expect(kindOf(png(0, 10))).toEqual(unknown);
});

test('garbage behind the right first bytes never throws and takes no time', () => {
	const starts = [
		'\x89PNG\r\n\x1a\n',
		'\xff\xd8\xff\xe1',
		'GIF89a',
		'RIFF....WEBPVP8 ',
		'....ftypavif',
		'<svg ',
		'<?xml ',
		'<!--'
	];
	fc.assert(
		fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }), (start, rest) => {
			const { type } = kindOf(Buffer.concat([latin(start), rest]));
			expect(type).toMatch(/^[a-z]+\/[a-z+-]+$/);
		}),
		{ numRuns: 3000 }
	);
	const began = performance.now();
	for (const start of starts) {
		kindOf(latin(start.repeat((256 * 1024) / start.length)));
		kindOf(Buffer.concat([latin(start), Buffer.alloc(256 * 1024, 'a')]));
		kindOf(Buffer.concat([latin(start), Buffer.alloc(256 * 1024, 0xff)]));
	}
	expect(performance.now() - began).toBeLessThan(2000);
});
