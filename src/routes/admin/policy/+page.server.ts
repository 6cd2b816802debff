import { seeMatrix, word } from '#lib/roster/server/index.ts';
import { loading } from '#lib/server/load.ts';
import { roles } from '#lib/spaces/model.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals: { ctx, locale } }) =>
	loading(locale, async () => {
		const rows = (await seeMatrix(ctx)).map(({ verb, object, kind, cells }) => ({
			verb,
			act: word(`admin.verb.${verb}`, verb, locale),
			object: word(`admin.object.${object}`, object, locale),
			kind: kind === '*' ? word('admin.policyAny', kind, locale) : word(`rooms.kind.${kind}`, word(`spaces.kind.${kind}`, kind, locale), locale),
			cells: cells.map(({ role, relations }) => ({ role, words: relations.map((relation) => word(`admin.relation.${relation}`, relation, locale)) }))
		}));
		// A verb with all its kinds, so that it is named once.
		const acts = [...new Set(rows.map(({ verb }) => verb))].map((verb) => rows.filter((row) => row.verb === verb));
		return { acts, roles: roles.map((role) => ({ role, name: word(`spaces.role.${role}`, role, locale) })) };
	});
