import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { schoolOf } from '#lib/spaces/model.ts';
import type { Context } from './context.ts';

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
	let lost: boolean | Error = false;
	try {
		// In one message: every verb begins with this.
		await client.query(`begin${readOnly ? ' read only' : ''}; ${scopeOf(ctx, lockPatience)}`);
		const result = await run({ ...ctx, db: drizzle(client), inTransaction: true });
		await client.query('commit');
		return result;
	} catch (error) {
		await client.query('rollback').catch((failure: Error) => (lost = failure));
		throw error;
	} finally {
		client.release(lost);
	}
}

/** Tells the walls what may be seen until the transaction ends. */
function scopeOf(ctx: Context, lockPatience?: number): string {
	const settings = {
		'app.paths': visiblePaths(ctx).join(','),
		'app.person': ctx.actor?.personId ?? '',
		'app.scope': ctx.system ? '*' : '',
		...(lockPatience !== undefined && { lock_timeout: String(lockPatience) })
	};
	const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', ${pg.escapeLiteral(value)}, true)`);
	return `select ${calls.join(', ')}`;
}

/** Runs a verb that changes something; all of it, with its audit and records, commits or nothing does. */
export const transaction = <Result>(ctx: Context, run: (ctx: Context) => Promise<Result>, options?: Options): Promise<Result> =>
	within(ctx, false, run, options);

/** Runs a verb that only reads. */
export const query = <Result>(ctx: Context, run: (ctx: Context) => Promise<Result>): Promise<Result> => within(ctx, true, run);
