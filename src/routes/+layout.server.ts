import { redirect } from '@sveltejs/kit';
import type { LayoutServerLoad } from './$types';

/** Pages that one sees before one is a person of the space. */
const open = ['/sign-in'];

export const load: LayoutServerLoad = ({ locals, url }) => {
	const { actor } = locals.ctx;
	if (!actor && !open.includes(url.pathname)) redirect(303, `/sign-in?to=${encodeURIComponent(url.pathname)}`);
	if (actor?.mustChangePassword && url.pathname !== '/first-password') redirect(303, '/first-password');
	return {
		locale: locals.locale,
		me: actor && {
			personId: actor.personId,
			name: actor.name,
			hat: actor.hat,
			hats: actor.hats,
			mustChangePassword: actor.mustChangePassword
		}
	};
};
