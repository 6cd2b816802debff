import type { Id, PersonId, RoomId } from '#lib/ids.ts';
import { newId } from '#lib/ids.ts';
import { requireSystem } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { kindOf } from './kind.ts';
import { storageOf } from './storage.ts';
import { files } from './table.ts';

/** Keeps a file that the space made itself, as a PDF of slides, among the files of a room; answers its id. */
export async function keepMade(
	ctx: Context,
	made: { roomId: RoomId; personId: PersonId; name: string; path: string }
): Promise<Id<'file'>> {
	requireSystem(ctx);
	const { path, ...about } = made;
	const storage = storageOf(ctx.services);
	const id = newId<'file'>();
	await storage.takeIn(id, path);
	const arrived = await storage.arrived(id);
	if (!arrived) throw new Error('a file was taken in and is not there');
	await storage.keep(id, arrived.sha256);
	await storage.drop(id);
	const { sha256, bytes } = arrived;
	await ctx.db.insert(files).values({ id, ...about, sha256, bytes, ...kindOf(arrived.head), at: ctx.now() });
	return id;
}
