import { seeMatrix, word } from '#lib/roster/server/index.ts';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import { loading } from '#lib/server/load.ts';
import { roles } from '#lib/spaces/model.ts';
import type { PageServerLoad } from './$types';

/** Objects that lie in a space itself and not in a room of it. */
const inSpace = new Set(['space', 'person', 'audit', 'policy']);
const kindWord = (object: string, kind: string, locale: Locale): string =>
	word(`${inSpace.has(object) ? 'spaces' : 'rooms'}.kind.${kind}`, kind, locale);

export const load: PageServerLoad = ({ locals: { ctx, locale } }) =>
	loading(locale, async () => {
		const rows = (await seeMatrix(ctx)).map(({ verb, object, kind, cells }) => ({
			verb,
			act: word(`admin.verb.${verb}`, verb, locale),
			// A kind of space says by itself that it is a space; of a room one says what of it is meant.
			on: [
				kind === '*' ? word('admin.policyAny', kind, locale) : kindWord(object, kind, locale),
				...(kind === '*' || !inSpace.has(object) ? [word(`admin.object.${object}`, object, locale)] : [])
			],
			kind,
			cells: cells.map(({ role, relations }) => ({
				role,
				words: relations.map((relation) => word(`admin.relation.${relation}`, relation, locale))
			}))
		}));
		// A verb with all its kinds, so that it is named once.
		const acts = [...new Set(rows.map(({ verb }) => verb))].map((verb) => rows.filter((row) => row.verb === verb));
		return { acts, roles: roles.map((role) => ({ role, name: word(`spaces.role.${role}`, role, locale) })) };
	});
