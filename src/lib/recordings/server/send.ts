import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { and, eq } from 'drizzle-orm';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { encodedName } from '#lib/server/encoded-name.ts';
import { sendPart } from '#lib/server/send-part.ts';
import { query } from '#lib/server/transaction.ts';
import { filmFileOf, OneRecording, OneTrack, trackFileOf } from '../model.ts';
import { findRecording } from './find.ts';
import { recordingFilms, recordingTracks } from './table.ts';

/** Send a track, or the part of it that is asked for, to whoever may watch. */
export async function sendTrack(ctx: Context, input: OneTrack, request: Request): Promise<Response> {
	const { recordingId, trackId } = OneTrack.parse(input);
	const track = await query(ctx, async (ctx) => {
		await findRecording(ctx, recordingId);
		const [track] = await ctx.db
			.select()
			.from(recordingTracks)
			.where(and(eq(recordingTracks.id, trackId), eq(recordingTracks.recordingId, recordingId)));
		return track;
	});
	if (!track) throw new Conflict('recordings.noTrack');
	const type = track.kind === 'camera' || track.kind === 'screen' ? 'video/webm' : 'audio/webm';
	return sendOwn(ctx, request, {
		path: trackFileOf(recordingId, trackId),
		headers: { 'content-type': type, 'content-disposition': 'inline' },
		tag: `${trackId}.${track.closedAt?.getTime() ?? track.bytes}`
	});
}

/** Send the film of a recording to whoever may watch it. */
export async function sendFilm(ctx: Context, input: OneRecording, request: Request): Promise<Response> {
	const { recordingId } = OneRecording.parse(input);
	const { title, film } = await query(ctx, async (ctx) => {
		const { recording } = await findRecording(ctx, recordingId);
		const [film] = await ctx.db.select().from(recordingFilms).where(eq(recordingFilms.recordingId, recordingId));
		return { title: recording.title, film };
	});
	if (film?.state !== 'ready') throw new Conflict('recordings.noFilm');
	return sendOwn(ctx, request, {
		path: filmFileOf(recordingId),
		headers: {
			'content-type': 'video/mp4',
			'content-disposition': `attachment; filename*=UTF-8''${encodedName(`${title}.mp4`)}`
		},
		tag: `${recordingId}.${film.requestedAt.getTime()}`
	});
}

async function sendOwn(
	ctx: Context,
	request: Request,
	{ path, headers, tag }: { path: string; headers: Record<string, string>; tag: string }
): Promise<Response> {
	const file = resolve(ctx.services.env.SPACE_DATA, path);
	const size = await stat(file).catch(() => null);
	if (!size) throw new Conflict('recordings.noTrack');
	return sendPart(request, {
		headers: new Headers({
			...headers,
			etag: `"${tag}"`,
			// Not for the next child at the same computer, and not after it was put away.
			'cache-control': 'private, no-cache',
			vary: 'cookie',
			'x-content-type-options': 'nosniff',
			'cross-origin-resource-policy': 'same-origin',
			'content-security-policy': "default-src 'none'; sandbox"
		}),
		bytes: size.size,
		open: () => open(file, 'r')
	});
}
