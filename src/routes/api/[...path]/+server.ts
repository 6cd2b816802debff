import { api } from '#lib/server/api.ts';
import type { RequestHandler } from './$types';

/** Hands the request to the API. */
export const fallback: RequestHandler = ({ request, locals }) => api.fetch(request, { ctx: locals.ctx, locale: locals.locale });
