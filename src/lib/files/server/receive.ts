import type { Context } from '#lib/server/context.ts';
import { AppError, Conflict, NotFound, Unavailable } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { onDisk } from './disk.ts';
import { findUpload, isWhole } from './find.ts';
import { storageOf } from './storage.ts';

/** Take in a part of an upload, or say how much of it is there: a request of the tus protocol (HEAD, PATCH). */
export async function receiveUpload(ctx: Context, input: { fileId: string }, request: Request): Promise<Response> {
	const { file } = await query(ctx, (ctx) => findUpload(ctx, input.fileId));
	// What is under way is nobody's to fetch.
	if (request.method === 'GET') throw new NotFound();
	// Brought in whole already, perhaps while the answer was lost: it is not written again.
	if (isWhole(file)) {
		if (request.method !== 'HEAD') throw new Conflict('files.isWhole');
		const headers = { 'tus-resumable': '1.0.0', 'upload-offset': String(file.bytes), 'upload-length': String(file.bytes) };
		return new Response(null, { headers });
	}
	const response = await onDisk(ctx, () => storageOf(ctx.services).receive(request));
	if (response.status < 400) return response;
	ctx.log.info({ status: response.status, said: await response.text() }, 'a part of an upload was refused');
	if (response.status === 404 || response.status === 410) throw new NotFound('files.uploadGone');
	if (response.status >= 500) throw new Unavailable('files.noDisk');
	throw new AppError(response.status, 'files.badPart');
}
