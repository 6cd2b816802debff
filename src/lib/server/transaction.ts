import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { schoolOf } from '#lib/spaces/model.ts';
import type { Context } from './context.ts';
import type { Db } from './db.ts';

/**
 * The paths whose rows an actor's transactions see: the schools and workshops of the present capacity,
 * and for a region's administrator the region. The policy narrows this further.
 */
export function visiblePaths(ctx: Context): string[] {
	return [...new Set((ctx.actor?.memberships ?? []).map(({ path }) => schoolOf(path)))];
}

interface Options {
	/** How long one statement waits for what another transaction holds, in milliseconds; unless told, as long as it may run. */
	readonly lockPatience?: number;
}

async function within<Result>(
	ctx: Context,
	readOnly: boolean,
	run: (ctx: Context) => Promise<Result>,
	{ lockPatience }: Options = {}
): Promise<Result> {
	if (ctx.inTransaction) return run(ctx);
	// Drizzle would keep a connection of the pool for good when the very first statement fails.
	const client = await ctx.services.database.pool.connect();
	try {
		return await drizzle(client).transaction(
			async (tx) => {
				await tx.execute(sql`select
					set_config('app.paths', ${visiblePaths(ctx).join(',')}, true),
					set_config('app.person', ${ctx.actor?.personId ?? ''}, true),
					set_config('app.scope', ${ctx.system ? '*' : ''}, true)
					${lockPatience === undefined ? sql`` : sql`, set_config('lock_timeout', ${String(lockPatience)}, true)`}`);
				return run({ ...ctx, db: tx as unknown as Db, inTransaction: true });
			},
			readOnly ? { accessMode: 'read only' } : undefined
		);
	} finally {
		client.release();
	}
}

/** Runs a verb that changes something; all of it, with its audit and records, commits or nothing does. */
export const transaction = <Result>(ctx: Context, run: (ctx: Context) => Promise<Result>, options?: Options): Promise<Result> =>
	within(ctx, false, run, options);

/** Runs a verb that only reads. */
export const query = <Result>(ctx: Context, run: (ctx: Context) => Promise<Result>): Promise<Result> => within(ctx, true, run);
