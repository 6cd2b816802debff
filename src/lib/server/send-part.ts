import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';

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

/** A file on the disk, as an answer tells of it: `headers` has its type and its `etag`. */
export interface Sent {
	readonly headers: Headers;
	readonly bytes: number;
	/** Opens it; called only when bytes of it are sent. */
	readonly open: () => Promise<FileHandle>;
}

/** Answers with a file, or with the part of it that is asked for, or says that it is known already (RFC 9110, 13 and 14). */
export async function sendPart(request: Request, { headers, bytes, open }: Sent): Promise<Response> {
	const tag = headers.get('etag');
	headers.set('accept-ranges', 'bytes');
	const known = request.headers.get('if-none-match');
	if (known && (known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag))) {
		return new Response(null, { status: 304, headers });
	}
	const condition = request.headers.get('if-range');
	const part = condition && condition !== tag ? undefined : partOf(request.headers.get('range'), bytes);
	if (part === null) {
		headers.set('content-range', `bytes */${bytes}`);
		return new Response(null, { status: 416, headers });
	}
	const { start, end } = part ?? { start: 0, end: bytes - 1 };
	headers.set('content-length', String(end - start + 1));
	if (part) headers.set('content-range', `bytes ${start}-${end}/${bytes}`);
	const status = part ? 206 : 200;
	if (request.method === 'HEAD' || bytes === 0) return new Response(null, { status, headers });
	// Opened before anything is answered, so that a file that is not on the disk is said to be missing.
	const stream = createReadStream('', { fd: await open(), start, end });
	return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, { status, headers });
}
