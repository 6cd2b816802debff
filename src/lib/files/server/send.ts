import { open } from 'node:fs/promises';
import type { Context } from '#lib/server/context.ts';
import { encodedName } from '#lib/server/encoded-name.ts';
import { sendPart } from '#lib/server/send-part.ts';
import { isImage } from '../model.ts';
import { onDisk } from './disk.ts';
import { findFile } from './find.ts';
import type { WholeFile } from './find.ts';
import { storageOf } from './storage.ts';

/** Send a file to whoever may read its document: pictures to be shown, everything else to be kept. */
export async function sendFile(ctx: Context, input: { fileId: string; download: boolean }, request: Request): Promise<Response> {
	const file = await findFile(ctx, input);
	return sendPart(request, {
		headers: headersOf(file, input.download),
		bytes: file.bytes,
		open: () => onDisk(ctx, () => open(storageOf(ctx.services).pathOf(file.sha256), 'r'))
	});
}

function headersOf({ id, sha256, type, name }: WholeFile, download: boolean): Headers {
	const disposition = isImage(type) && !download ? 'inline' : 'attachment';
	return new Headers({
		'content-type': type,
		'content-disposition': `${disposition}; filename*=UTF-8''${encodedName(name)}`,
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
