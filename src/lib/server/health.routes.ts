import { z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import type { PartState } from './health.ts';
import { answers, newApi, route } from './route.ts';
import type { Services } from './services.ts';

const Part = z.union([z.literal('ok'), z.string()]).openapi({ description: '`ok`, or the reason why not' });
const Health = z
	.object({ status: z.enum(['ok', 'degraded']), web: Part, database: Part, collab: Part, chat: Part, media: Part })
	.openapi('Health');

/** The state of every part; none of them can make the answer late by more than two seconds. */
async function health(services: Services): Promise<z.infer<typeof Health>> {
	const notSet: PartState = { ok: false, reason: 'not set up' };
	const [database, collab, chat, media] = await Promise.all([
		inTime(services.database.db.execute(sql`select 1`).then((): PartState => ({ ok: true }))),
		inTime(services.collab.state()),
		inTime(services.chat?.state() ?? Promise.resolve(notSet)),
		inTime(services.media?.state() ?? Promise.resolve(notSet))
	]);
	const parts = { web: 'ok', database: said(database), collab: said(collab), chat: said(chat), media: said(media) };
	return { status: Object.values(parts).every((part) => part === 'ok') ? 'ok' : 'degraded', ...parts };
}

const said = (state: PartState): string => (state.ok ? 'ok' : state.reason);

async function inTime(answer: Promise<PartState>): Promise<PartState> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<PartState>((resolve) => {
		timer = setTimeout(resolve, 2_000, { ok: false, reason: 'does not answer within two seconds' });
	});
	return Promise.race([answer.catch((error: Error): PartState => ({ ok: false, reason: error.message })), late]).finally(() =>
		clearTimeout(timer)
	);
}

export const healthRoutes = newApi().openapi(
	route('public', {
		method: 'get',
		path: '/health',
		summary: 'Whether each part works, and if not, why',
		responses: answers(Health, 'the state of every part')
	}),
	async (c) => c.json(await health(c.env.ctx.services), 200)
);
