import { seeAudit } from '#lib/records/server/index.ts';
import { word } from '#lib/roster/server/index.ts';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import { loading } from '#lib/server/load.ts';
import type { PageServerLoad } from './$types';

const acts = [
	'signIn',
	'signOut',
	'signOut.others',
	'role.switch',
	'password.change',
	'password.reset',
	'twoFactor.enable',
	'twoFactor.disable',
	'roster.import',
	'member.add',
	'member.remove',
	'space.create',
	'room.open',
	'room.rename',
	'room.close',
	'document.create',
	'document.rename',
	'document.archive'
];

/** Roles, kinds and reasons have words; counts are themselves. */
const valueWord = (value: string, locale: Locale): string =>
	['admin.reason', 'spaces.role', 'spaces.kind', 'rooms.kind', 'documents.kind'].reduce(
		(said, part) => (said === value ? word(`${part}.${value}`, value, locale) : said),
		value
	);

export const load: PageServerLoad = ({ locals: { ctx, locale }, parent, url }) =>
	loading(locale, async () => {
		const { school, region } = await parent();
		const asked = url.searchParams;
		const verb = asked.get('verb') || undefined;
		const outcome = (['done', 'refused'] as const).find((one) => one === asked.get('outcome'));
		const before = asked.get('before') || undefined;
		const choices = acts.map((act) => ({ act, name: word(`admin.act.${act}`, act, locale) }));
		// Who leads the region sees it whole until a school is chosen.
		const space = asked.get('school') ? school : (region ?? school);
		const { rows, next } = space ? await seeAudit(ctx, { spaceId: space.id, verb, outcome, before }) : { rows: [], next: null };
		return {
			verb,
			outcome,
			before,
			choices,
			spaceName: space?.name ?? null,
			next,
			rows: rows.map((row) => ({
				...row,
				act: word(`admin.act.${row.verb}`, row.verb, locale),
				on: row.object ?? word(`admin.on.${row.objectType}`, row.objectType, locale),
				role: row.role && word(`spaces.role.${row.role}`, row.role, locale),
				detail: Object.entries(row.detail)
					.filter(([name, value]) => value !== null && value !== 0 && value !== false && !name.endsWith('Id'))
					.map(([name, value]) => `${word(`admin.detail.${name}`, name, locale)} ${valueWord(String(value), locale)}`.trim())
			}))
		};
	});
