import { and, count, eq, isNull, lt, sql } from 'drizzle-orm';
import type { SQL } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import type { Id, PersonId } from '#lib/ids.ts';
import { newId } from '#lib/ids.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { AppError, Conflict, LimitReached } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { BeginUpload, documentQuota, largestFile, mostFiles, mostUploads, uploadLife } from '../model.ts';
import { onDisk } from './disk.ts';
import { storageOf } from './storage.ts';
import { files } from './table.ts';

/** Begin to bring a file into a document or a room; answers the id that the file will have. */
export async function beginUpload(ctx: Context, input: BeginUpload): Promise<Id<'file'>> {
	const { name, bytes, ...home } = BeginUpload.parse(input);
	const { personId } = requireActor(ctx);
	const storage = storageOf(ctx.services);
	await storage.sweep(ctx.now().getTime());
	return transaction(ctx, async (ctx) => {
		if ('roomId' in home) authorize(ctx, 'room.lead', placeOf(await findRoom(ctx, home.roomId)));
		else {
			const { document, place } = await findDocument(ctx, home.documentId);
			authorize(ctx, 'document.write', place);
			if (document.lockedAt) throw new Conflict('files.locked');
		}
		const inHome = 'roomId' in home ? eq(files.roomId, home.roomId) : eq(files.documentId, home.documentId);
		if (bytes > largestFile) throw new AppError(413, 'files.tooLarge', { megabytes: largestFile / 1024 / 1024 });
		await forgetOld(ctx, inHome);
		await requireRoom(ctx, inHome, personId, bytes);
		const id = newId<'file'>();
		await ctx.db.insert(files).values({ id, ...home, personId, name, bytes, at: ctx.now() });
		await onDisk(ctx, () => storage.begin(id, bytes));
		return id;
	});
}

/** Rows of uploads that nobody went on with; what arrived of them the storage forgets by itself. */
async function forgetOld(ctx: Context, inHome: SQL): Promise<void> {
	const old = lt(files.at, new Date(ctx.now().getTime() - uploadLife));
	await ctx.db.delete(files).where(and(inHome, isNull(files.sha256), old));
}

async function requireRoom(ctx: Context, inHome: SQL, personId: PersonId, bytes: number): Promise<void> {
	const [held] = await ctx.db
		.select({
			files: count(),
			bytes: sql<string>`coalesce(sum(${files.bytes}), 0)`,
			mine: sql<string>`count(*) filter (where ${isNull(files.sha256)} and ${eq(files.personId, personId)})`
		})
		.from(files)
		.where(inHome);
	if (!held) return;
	if (Number(held.mine) >= mostUploads) throw new LimitReached('files.tooManyUploads');
	if (held.files >= mostFiles || Number(held.bytes) + bytes > documentQuota) throw new Conflict('files.documentFull');
}
