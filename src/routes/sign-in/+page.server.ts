import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

/** Only pages of this space: a link may not lead elsewhere after signing in. */
const own = (path: string | null): string => (path && /^\/(?![/\\])/.test(path) ? path : '/');

export const load: PageServerLoad = ({ locals, url }) => {
	const to = own(url.searchParams.get('to'));
	if (locals.ctx.actor) redirect(303, to);
	return { to };
};
