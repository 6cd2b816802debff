import { readDocx } from './docx/read.ts';
import type { ReadOptions } from './docx/read.ts';
import { largest, WrongFile } from './formats.ts';
import { make } from './json.ts';
import type { Read } from './json.ts';
import { readMarkdown } from './markdown/read.ts';

/** What a file holds: a text that is read here, or HTML, which only a page reads. */
export type Found = { kind: 'read'; read: Read } | { kind: 'html'; html: string };

/** Reads a file by what is in it, whatever it is called; throws a `WrongFile`. */
export function readFile(bytes: Uint8Array, name: string, options: ReadOptions): Found {
	if (bytes.length > largest.file) throw new WrongFile('tooLarge');
	if (bytes.length === 0) throw new WrongFile('empty');
	const start = String.fromCharCode(...bytes.subarray(0, 8));
	if (start.startsWith('PK')) return { kind: 'read', read: readDocx(bytes, options) };
	// Word before 2007, and Word files behind a password.
	if (start.startsWith('\xd0\xcf\x11\xe0')) throw new WrongFile(/\.docx$/i.test(name) ? 'locked' : 'oldWord');
	if (/\.docx$/i.test(name)) throw new WrongFile('broken');
	if (start.startsWith('%PDF') || bytes.subarray(0, 4096).some((byte, at) => byte === 0 && at > 1 && !isWide(bytes)))
		throw new WrongFile('unknown');
	if (bytes.length > largest.plain) throw new WrongFile('tooLarge');
	const text = textOf(bytes)
		.replace(/^\ufeff/, '')
		.replace(/\r\n?/g, '\n');
	if (/\.html?$/i.test(name) || /^\s*(?:<!doctype html|<html)/i.test(text)) return { kind: 'html', html: text };
	if (/\.(md|markdown)$/i.test(name)) return { kind: 'read', read: readMarkdown(text, options) };
	if (text.trim() === '') throw new WrongFile('empty');
	const lines = text.replace(/\n+$/, '').split('\n');
	if (lines.length > 60_000) throw new WrongFile('tooLong');
	return {
		kind: 'read',
		read: {
			doc: make(
				'doc',
				{},
				lines.map((line) => make('paragraph', {}, line ? [{ type: 'text', text: line }] : []))
			),
			pictures: [],
			title: null
		}
	};
}

const isWide = (bytes: Uint8Array): boolean =>
	(bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

function textOf(bytes: Uint8Array): string {
	if (isWide(bytes)) return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		// What older Chinese programs write.
		return new TextDecoder('gb18030').decode(bytes);
	}
}
