import { sequence } from '@sveltejs/kit/hooks';
import type { Handle, HandleServerError } from '@sveltejs/kit';
import { randomUUID } from 'node:crypto';
import { paraglideMiddleware } from '#lib/i18n/generated/server.js';
import { whoAsks } from '#lib/people/server/index.ts';
import { requestContext } from '#lib/server/context.ts';
import { AppError, isAppError } from '#lib/server/errors.ts';
import { problemOf, sentence } from '#lib/server/problem.ts';
import { securityHeaders } from '#lib/server/headers.ts';
import { givenServices } from '#lib/server/services.ts';

/** In which language: the cookie, else the browser's, else Chinese. */
const language: Handle = ({ event, resolve }) =>
	paraglideMiddleware(event.request, ({ request, locale }) => {
		event.request = request;
		event.locals.locale = locale;
		return resolve(event, { transformPageChunk: ({ html }) => html.replace('%lang%', locale) });
	});

/** A request that changes something comes from our own pages, or from no page at all. */
const sameOrigin: Handle = ({ event, resolve }) => {
	const changes = !['GET', 'HEAD', 'OPTIONS'].includes(event.request.method);
	const origin = event.request.headers.get('origin');
	if (changes && origin !== null && origin !== event.url.origin) {
		const problem = problemOf(new AppError(403, 'error.origin'), event.locals.locale);
		return new Response(JSON.stringify(problem), { status: 403, headers: { 'content-type': 'application/problem+json' } });
	}
	return resolve(event);
};

/** Who asks, from where. */
const identity: Handle = async ({ event, resolve }) => {
	const services = givenServices();
	const actor = await whoAsks(services, event.request.headers);
	event.locals.ctx = requestContext(services, { actor, address: event.getClientAddress(), requestId: randomUUID() });
	const response = await resolve(event);
	securityHeaders(response.headers, event.url);
	return response;
};

export const handle = sequence(language, sameOrigin, identity);

export const handleError: HandleServerError = ({ error, event, status, message }) => {
	const locale = event.locals.locale ?? 'zh-CN';
	if (isAppError(error)) return { message: sentence(error.key, locale), key: error.key };
	if (status === 404) return { message: sentence('error.notFound', locale), key: 'error.notFound' };
	event.locals.ctx?.log.error({ err: error, path: event.url.pathname }, message);
	return { message: sentence('error.unexpected', locale), key: 'error.unexpected' };
};
