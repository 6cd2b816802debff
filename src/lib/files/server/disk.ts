import type { Context } from '#lib/server/context.ts';
import { isAppError, Unavailable } from '#lib/server/errors.ts';

/** Works on the disk; when that fails (full, gone), the asker is told that files cannot be kept just now. */
export async function onDisk<Result>(ctx: Context, work: () => Promise<Result>): Promise<Result> {
	try {
		return await work();
	} catch (error) {
		if (isAppError(error)) throw error;
		ctx.log.error({ err: error }, 'the disk of the files does not do its work');
		throw new Unavailable('files.noDisk');
	}
}
