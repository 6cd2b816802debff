import writeExcelFile from 'write-excel-file/node';
import { m } from '#lib/i18n/generated/messages.js';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import type { Context } from '#lib/server/context.ts';
import { roleName } from '#lib/spaces/words.ts';
import { tolerance } from '../model.ts';
import type { AttendanceRow, AttendanceSheet, SeeAttendance } from '../model.ts';
import { seeAttendance } from './see.ts';

/** Times in a file are those of schools in China, wherever the server stands. */
const zone = 'Asia/Shanghai';
const shortTime = (at: string | null): string =>
	at === null
		? ''
		: new Date(at).toLocaleTimeString('zh-CN', {
				timeZone: zone,
				hour: '2-digit',
				minute: '2-digit',
				second: '2-digit',
				hourCycle: 'h23'
			});
const longTime = (at: string): string =>
	new Date(at).toLocaleString('zh-CN', { timeZone: zone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' });

/** The attendance of a session as an Excel file, by number and real name, with what its words mean; and its name. */
export async function exportAttendance(
	ctx: Context,
	input: SeeAttendance,
	locale: Locale
): Promise<{ name: string; bytes: Buffer<ArrayBuffer> }> {
	const sheet = await seeAttendance(ctx, input);
	const inLocale = { locale };
	const columns: { title: string; width: number; cell: (row: AttendanceRow) => string | number }[] = [
		{ title: m['attendance.number']({}, inLocale), width: 16, cell: ({ number }) => number },
		{ title: m['attendance.name']({}, inLocale), width: 12, cell: ({ name }) => name },
		{ title: m['attendance.role']({}, inLocale), width: 10, cell: ({ role }) => roleName(role, sheet.room.space.kind, locale) },
		{
			title: m['attendance.presence']({}, inLocale),
			width: 14,
			cell: ({ presence }) => m[`attendance.presence.${presence}`]({}, inLocale)
		},
		{ title: m['attendance.joined']({}, inLocale), width: 12, cell: ({ joinedAt }) => shortTime(joinedAt) },
		{ title: m['attendance.left']({}, inLocale), width: 12, cell: ({ leftAt }) => shortTime(leftAt) },
		{ title: m['attendance.minutes']({}, inLocale), width: 12, cell: ({ inside }) => Math.round(inside / 6_000) / 10 },
		{
			title: m['attendance.reason']({}, inLocale),
			width: 10,
			cell: ({ reason }) => (reason ? m[`attendance.reason.${reason}`]({}, inLocale) : '')
		},
		{ title: m['attendance.note']({}, inLocale), width: 30, cell: ({ note }) => note }
	];
	const head = columns.map(({ title }) => ({ value: title, fontWeight: 'bold' as const }));
	const rows = sheet.rows.map((row) => columns.map(({ cell }) => ({ value: cell(row) })));
	const about = aboutLines(sheet, locale).map((line) => [{ value: line }]);
	const bytes = await writeExcelFile([...about, [], head, ...rows], {
		sheet: m['attendance.title']({}, inLocale),
		columns: columns.map(({ width }) => ({ width })),
		stickyRowsCount: about.length + 2
	}).toBuffer();
	const day = sheet.session ? new Date(sheet.session.startedAt).toLocaleDateString('sv-SE', { timeZone: zone }) : '';
	const name = [m['attendance.title']({}, inLocale), sheet.room.space.name, sheet.room.title, day].filter(Boolean).join(' ');
	return { name: `${name}.xlsx`, bytes: bytes as Buffer<ArrayBuffer> };
}

function aboutLines({ room, session, from }: AttendanceSheet, locale: Locale): string[] {
	if (!session) return [`${room.space.name} · ${room.title}`, m['attendance.none']({}, { locale })];
	const until = session.endedAt ? longTime(session.endedAt) : m['attendance.going']({}, { locale });
	return [
		`${room.space.name} · ${room.title}`,
		`${longTime(session.startedAt)} – ${until}`,
		m['attendance.meaning']({ minutes: tolerance, from: shortTime(from) }, { locale })
	];
}
