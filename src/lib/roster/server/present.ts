import { sentence } from '#lib/server/problem.ts';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import type { Plan } from '../plan.ts';
import type { ImportReport } from './import.ts';

/** What a plan changes, in sentences. */
export function planInWords(plan: Plan, locale: Locale): string[] {
	const said = (key: string, count: number, more: Record<string, unknown> = {}) =>
		count > 0 ? [sentence(`roster.plan.${key}`, locale, { count, ...more })] : [];
	const names = new Intl.ListFormat(locale, { type: 'conjunction', style: 'narrow' }).format(plan.newClasses.slice(0, 20));
	const changes = [
		...said('people', plan.newPeople.length),
		...said('classes', plan.newClasses.length, { names: plan.newClasses.length > 20 ? `${names}…` : names }),
		...said('transferred', plan.transferred.length),
		...said('renamed', plan.renamed.length),
		...said('emails', plan.newEmails.length),
		...said('returned', plan.returned.length),
		...said('leavers', plan.leavers.length),
		...said('ties', plan.newTies.length),
		...said('endedTies', plan.endedTies.length),
		...said('joined', plan.join.length),
		...said('ended', plan.end.length)
	];
	const rest = said('unchanged', plan.unchanged);
	return changes.length > 0 ? [...changes, ...rest] : [sentence('roster.plan.nothing', locale), ...rest];
}

/** Most errors that one answer lists; nobody reads on after that. */
const mostErrors = 500;

export function presentReport(report: ImportReport, locale: Locale) {
	return {
		imported: report.imported,
		errorCount: report.errors.length,
		errors: report.errors.slice(0, mostErrors).map(({ line, column, key, detail }) => ({
			line,
			column: column && sentence(`roster.column.${column}`, locale),
			sentence: sentence(key, locale, detail)
		})),
		changes: report.plan ? planInWords(report.plan, locale) : [],
		firstPasswords: report.firstPasswords
	};
}
