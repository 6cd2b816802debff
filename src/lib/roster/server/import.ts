import { eq, sql } from 'drizzle-orm';
import { auditAct } from '#lib/records/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { Invalid } from '#lib/server/errors.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { spaces } from '#lib/spaces/server/table.ts';
import { ImportRoster, numberKey, readRoster } from '../model.ts';
import type { RosterError, RosterRole, RosterRow } from '../model.ts';
import { planImport } from '../plan.ts';
import type { Plan } from '../plan.ts';
import { applyPlan } from './apply.ts';
import { makeFirstPasswords } from './first-password.ts';
import { readState } from './state.ts';

export interface ImportReport {
	/** Whether the roster is now part of the school; false for a dry run and for a roster with errors. */
	imported: boolean;
	errors: RosterError[];
	/** What changes; null when the roster has errors. */
	plan: Plan | null;
	/** Shown once: only the hashes are kept. */
	firstPasswords: { number: string; name: string; roles: RosterRole[]; password: string }[];
}

/** Bring a school's people up to its roster: all of it, or nothing when a single row is broken. */
export async function importRoster(ctx: Context, input: ImportRoster): Promise<ImportReport> {
	const { schoolId, file, dryRun } = ImportRoster.parse(input);
	const school = await query(ctx, async (ctx) => {
		const space = await findSpace(ctx, schoolId);
		authorize(ctx, 'roster.import', space);
		if (space.kind !== 'school') throw new Invalid('roster.notSchool');
		return space;
	});
	const { rows, errors } = readRoster(Buffer.from(file, 'base64'));
	// A number belongs to one person of the whole space, also one of another school: the plan sees them all.
	const everywhere: Context = { ...ctx, system: true };
	const first = await query(everywhere, (ctx) => makePlan(ctx, school, rows));
	const broken = [...errors, ...first.errors].sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
	if (broken.length > 0) return { imported: false, errors: broken, plan: null, firstPasswords: [] };
	if (dryRun) return { imported: false, errors: [], plan: first.plan, firstPasswords: [] };

	const { hash } = (await ctx.services.auth.$context).password;
	const firstPasswords = await makeFirstPasswords(
		hash,
		first.plan.newPeople.map((row) => numberKey(row.number))
	);
	const plan = await transaction(everywhere, async (ctx) => {
		// Two imports of one school take turns, and the second plans upon what the first has done.
		await ctx.db.execute(sql`select 1 from spaces where id = ${school.id} for update`);
		await ctx.db.execute(sql`set local statement_timeout = '120s'`);
		const { state, plan, errors } = await makePlan(ctx, school, rows);
		if (errors.length > 0) throw new Invalid('roster.changedMeanwhile');
		await applyPlan(ctx, { school, state, plan, firstPasswords });
		await auditAct(ctx, {
			verb: 'roster.import',
			object: { type: 'space', id: school.id },
			path: school.path,
			detail: counts(plan)
		});
		return plan;
	});
	return {
		imported: true,
		errors: [],
		plan,
		firstPasswords: plan.newPeople.map((row) => ({
			number: row.number,
			name: row.name,
			roles: row.roles,
			password: firstPasswords.get(numberKey(row.number))?.password ?? ''
		}))
	};
}

async function makePlan(ctx: Context, school: SpaceRow, rows: readonly RosterRow[]) {
	const state = await readState(ctx, school, rows);
	return { state, ...planImport(state, rows) };
}

export function counts(plan: Plan): Record<string, number> {
	return {
		newPeople: plan.newPeople.length,
		newClasses: plan.newClasses.length,
		renamed: plan.renamed.length,
		newEmails: plan.newEmails.length,
		transferred: plan.transferred.length,
		returned: plan.returned.length,
		leavers: plan.leavers.length,
		joined: plan.join.length,
		ended: plan.end.length,
		ties: plan.newTies.length,
		endedTies: plan.endedTies.length
	};
}

/** The school of this name, for the command line. */
export async function findSchoolByName(ctx: Context, name: string): Promise<SpaceRow | null> {
	const [school] = await query(ctx, ({ db }) =>
		db
			.select()
			.from(spaces)
			.where(sql`${eq(spaces.name, name)} and ${spaces.kind} = 'school' and ${spaces.archivedAt} is null`)
	);
	return school ?? null;
}
