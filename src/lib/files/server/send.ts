import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Context } from '#lib/server/context.ts';
import { onDisk } from './disk.ts';
import { isImage } from '../model.ts';
import { findFile } from './find.ts';
import type { WholeFile } from './find.ts';
import { storageOf } from './storage.ts';

/** The part of a file that is asked for, both ends included; null when there is no such part. */
interface Part {
	start: number;
	end: number;
}

/**
 * Reads `Range`; several parts, other units and nonsense ask for the whole, as RFC 9110 lets one answer.
 * `undefined`: the whole; `null`: a part that the file does not have.
 */
function partOf(header: string | null, bytes: number): Part | null | undefined {
	const [, from, to] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
	if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
	if (from === '') {
		const length = Math.min(Number(to), bytes);
		return length === 0 ? null : { start: bytes - length, end: bytes - 1 };
	}
	const start = Number(from);
	const end = to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
	if (to !== '' && Number(to) < start) return undefined;
	return start < bytes ? { start, end } : null;
}

/** Send a file to whoever may read its document: pictures to be shown, everything else to be kept. */
export async function sendFile(ctx: Context, input: { fileId: string; download: boolean }, request: Request): Promise<Response> {
	const file = await findFile(ctx, input);
	const headers = headersOf(file, input.download);
	const tag = headers.get('etag');
	const known = request.headers.get('if-none-match');
	if (known && (known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag))) {
		return new Response(null, { status: 304, headers });
	}
	const condition = request.headers.get('if-range');
	const part = condition && condition !== tag ? undefined : partOf(request.headers.get('range'), file.bytes);
	if (part === null) {
		headers.set('content-range', `bytes */${file.bytes}`);
		return new Response(null, { status: 416, headers });
	}
	const { start, end } = part ?? { start: 0, end: file.bytes - 1 };
	headers.set('content-length', String(end - start + 1));
	if (part) headers.set('content-range', `bytes ${start}-${end}/${file.bytes}`);
	const status = part ? 206 : 200;
	if (request.method === 'HEAD' || file.bytes === 0) return new Response(null, { status, headers });
	const path = storageOf(ctx.services).pathOf(file.sha256);
	// Opened before anything is answered, so that a file that is not on the disk is said to be missing.
	const handle = await onDisk(ctx, () => open(path, 'r'));
	const stream = createReadStream(path, { fd: handle, start, end });
	return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, { status, headers });
}

function headersOf({ id, sha256, type, name }: WholeFile, download: boolean): Headers {
	const disposition = isImage(type) && !download ? 'inline' : 'attachment';
	return new Headers({
		'content-type': type,
		'content-disposition': `${disposition}; filename*=UTF-8''${encoded(name)}`,
		'accept-ranges': 'bytes',
		etag: `"${sha256}.${id}"`,
		// For good, but not for the next child at the same school computer: with another sign-in it is asked for again.
		'cache-control': 'private, max-age=31536000, immutable',
		vary: 'cookie',
		'x-content-type-options': 'nosniff',
		'cross-origin-resource-policy': 'same-origin',
		// A drawing opened by itself runs nothing and reaches nothing.
		'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
	});
}

/** As RFC 8187 writes names. */
const encoded = (name: string): string =>
	encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
