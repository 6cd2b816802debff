import writeExcelFile from 'write-excel-file/node';
import { m } from '#lib/i18n/generated/messages.js';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import type { Context } from '#lib/server/context.ts';
import type { SeeReport } from '../model.ts';
import { seeReport } from './see.ts';

/** Times in a file are those of schools in China, wherever the server stands. */
const zone = 'Asia/Shanghai';

/** Planned and needed minutes of each step as an Excel file, and its name. */
export async function exportReport(
	ctx: Context,
	input: SeeReport,
	locale: Locale
): Promise<{ name: string; bytes: Buffer<ArrayBuffer> }> {
	const { room, session, title, rows } = await seeReport(ctx, input);
	const words = (key: 'step' | 'planned' | 'used' | 'difference' | 'times' | 'report') => m[`runsheets.${key}`]({}, { locale });
	const minutes = (milliseconds: number) => Math.round(milliseconds / 6_000) / 10;
	const head = (['step', 'planned', 'used', 'difference', 'times'] as const).map((key) => ({
		value: words(key),
		fontWeight: 'bold' as const
	}));
	const lines = rows.map(({ name, planned, used, times }) => [
		{ value: name },
		{ value: planned },
		{ value: minutes(used) },
		{ value: Math.round((minutes(used) - planned) * 10) / 10 },
		{ value: times }
	]);
	const day = session ? new Date(session.startedAt).toLocaleDateString('sv-SE', { timeZone: zone }) : '';
	const about = [[{ value: [room.space, room.title, title ?? '', day].filter(Boolean).join(' · ') }]];
	const bytes = await writeExcelFile([...about, [], head, ...lines], {
		sheet: words('report'),
		columns: [{ width: 30 }, { width: 14 }, { width: 14 }, { width: 14 }, { width: 10 }]
	}).toBuffer();
	const name = [words('report'), room.space, room.title, day].filter(Boolean).join(' ');
	return { name: `${name}.xlsx`, bytes: bytes as Buffer<ArrayBuffer> };
}
