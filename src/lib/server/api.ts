import { bodyLimit } from 'hono/body-limit';
import { attendanceRoutes } from '#lib/attendance/server/routes.ts';
import { checkRoutes } from '#lib/check/server/routes.ts';
import { captionsRoutes } from '#lib/captions/server/routes.ts';
import { chatRoutes } from '#lib/chat/server/routes.ts';
import { commentsRoutes } from '#lib/comments/server/routes.ts';
import { documentsRoutes } from '#lib/documents/server/routes.ts';
import { filesRoutes } from '#lib/files/server/routes.ts';
import { groupsRoutes } from '#lib/groups/server/routes.ts';
import { handoutsRoutes } from '#lib/handouts/server/routes.ts';
import { historyRoutes } from '#lib/history/server/routes.ts';
import { analysisRoutes } from '#lib/analysis/server/routes.ts';
import { peopleRoutes } from '#lib/people/server/routes.ts';
import { projectsRoutes } from '#lib/projects/server/routes.ts';
import { recordsRoutes } from '#lib/records/server/routes.ts';
import { roomsRoutes } from '#lib/rooms/server/routes.ts';
import { rosterRoutes } from '#lib/roster/server/routes.ts';
import { recordingsRoutes } from '#lib/recordings/server/routes.ts';
import { roundsRoutes } from '#lib/rounds/server/routes.ts';
import { runsheetsRoutes } from '#lib/runsheets/server/routes.ts';
import { slidesRoutes } from '#lib/slides/server/routes.ts';
import { spacesRoutes } from '#lib/spaces/server/routes.ts';
import { AppError, NotFound } from './errors.ts';
import { healthRoutes } from './health.routes.ts';
import { problemOf } from './problem.ts';
import { newApi } from './route.ts';

/** A body of this many bytes is more than any route takes from people; a roster may have 4 MiB, in base64. */
const largestBody = 6 * 1024 * 1024;
/** Synapse tells of up to 100 messages of 64 KiB at once. */
const largestTelling = 8 * 1024 * 1024;

const parts = newApi()
	.route('/', healthRoutes)
	.route('/', peopleRoutes)
	.route('/', spacesRoutes)
	.route('/', roomsRoutes)
	.route('/', roundsRoutes)
	.route('/', rosterRoutes)
	.route('/', documentsRoutes)
	.route('/', groupsRoutes)
	.route('/', projectsRoutes)
	.route('/', filesRoutes)
	.route('/', slidesRoutes)
	.route('/', captionsRoutes)
	.route('/', runsheetsRoutes)
	.route('/', commentsRoutes)
	.route('/', historyRoutes)
	.route('/', handoutsRoutes)
	.route('/', chatRoutes)
	.route('/', recordsRoutes)
	.route('/', analysisRoutes)
	.route('/', attendanceRoutes)
	.route('/', recordingsRoutes)
	.route('/', checkRoutes);

/** The whole API under `/api/v1`, the same for pages and for any outside client. */
export const api = newApi().basePath('/api/v1');

const atMost = (maxSize: number) =>
	bodyLimit({
		maxSize,
		onError: () => {
			throw new AppError(413, 'error.tooLarge');
		}
	});
const [fromPeople, fromServers] = [atMost(largestBody), atMost(largestTelling)];
api.use('*', (c, next) => (c.req.path.startsWith('/api/v1/hooks/') ? fromServers : fromPeople)(c, next));
api.route('/', parts);
api.doc31('/openapi.json', {
	openapi: '3.1.0',
	info: {
		title: '杏坛 Xingtan',
		version: '1',
		description: 'Errors are RFC 9457 problem documents. `x-policy` names the row of the policy that guards a route.'
	}
});
api.notFound((c) => answerProblem(new NotFound(), c.env.locale));
api.onError((error, c) => {
	const problem = problemOf(error, c.env.locale);
	if (problem.status >= 500) c.env.ctx.log.error({ err: error, path: c.req.path }, 'a request failed');
	return answerProblem(error, c.env.locale);
});

export type Api = typeof parts;

function answerProblem(error: unknown, locale: Parameters<typeof problemOf>[1]): Response {
	const problem = problemOf(error, locale);
	return new Response(JSON.stringify(problem), {
		status: problem.status,
		headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
	});
}
