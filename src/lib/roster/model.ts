import Papa from 'papaparse';
import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

/** Bytes of the largest roster file. */
export const largestRoster = 4 * 1024 * 1024;
export const mostRows = 20_000;

export const ImportRoster = z.strictObject({
	schoolId: idOf('space'),
	/** The CSV file as it is on disk, in base64; UTF-8 or GB 18030. */
	file: z.base64(),
	/** Only say what would change. */
	dryRun: z.boolean()
});
export type ImportRoster = z.input<typeof ImportRoster>;

/** Roles that a school's roster gives; a region's administrator is not among them. */
export const rosterRoles = ['student', 'teacher', 'headTeacher', 'guardian', 'schoolAdmin'] as const;
export type RosterRole = (typeof rosterRoles)[number];

export const columns = ['number', 'name', 'role', 'class', 'email', 'children', 'leaves'] as const;
export type Column = (typeof columns)[number];

/** Names that a column may have in the file's first line. */
export const headings: Record<Column, readonly string[]> = {
	number: ['number', '编号', '学号', '工号', '学工号', '学号/工号', '学号工号'],
	name: ['name', '姓名', '名字'],
	role: ['role', 'roles', '角色', '身份'],
	class: ['class', 'classes', '班级'],
	email: ['email', 'e-mail', '邮箱', '电子邮箱', '邮件'],
	children: ['children', '孩子', '子女', '孩子学号', '孩子编号'],
	leaves: ['leaves', 'left', '离校', '离开']
};

const roleWords: Record<RosterRole, readonly string[]> = {
	student: ['student', 'pupil', '学生'],
	teacher: ['teacher', '教师', '老师'],
	headTeacher: ['head_teacher', 'headteacher', 'head teacher', '班主任'],
	guardian: ['guardian', 'parent', '家长', '监护人'],
	schoolAdmin: ['school_admin', 'schooladmin', 'school admin', '学校管理员', '管理员']
};
const yes = ['yes', 'y', 'true', '1', '是', '离校'];
const no = ['', 'no', 'n', 'false', '0', '否'];

/** One person as the roster tells it. */
export interface RosterRow {
	/** Line of the file as a spreadsheet counts it; the headings are line 1. */
	line: number;
	number: string;
	name: string;
	roles: RosterRole[];
	classes: string[];
	email: string | null;
	/** Numbers of the children of a guardian. */
	children: string[];
	leaves: boolean;
}

/** What is wrong, where; `key` names the sentence. */
export interface RosterError {
	line: number | null;
	column: Column | null;
	key: string;
	detail: Record<string, string | number>;
}

export interface Roster {
	rows: RosterRow[];
	errors: RosterError[];
}

/** Letters and digits of any script; nothing that a spreadsheet takes for a formula. */
const numberPattern = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u;
const namePattern = /^\p{L}[\p{L}\p{M}\p{N}·•.’' ()（）-]{0,39}$/u;
const classPattern = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}·（）() ._-]{0,39}$/u;

/** How people are told apart: by their number, in whichever case and width it is typed. */
export const numberKey = (number: string): string => number.normalize('NFKC').toLowerCase();

/** The text of a file in UTF-8, or in GB 18030 as older spreadsheets write it; null when it is neither. */
export function decode(bytes: Uint8Array): string | null {
	for (const encoding of ['utf-8', 'gb18030']) {
		try {
			const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
			// Zero bytes are in no text: a workbook or a picture was chosen.
			return text.includes('\0') ? null : text;
		} catch {
			continue;
		}
	}
	return null;
}

/** Reads a roster; every broken row is named, and the rest is read on so that all are named at once. */
export function readRoster(bytes: Uint8Array): Roster {
	const whole = (key: string, detail: RosterError['detail'] = {}): Roster => ({
		rows: [],
		errors: [{ line: null, column: null, key, detail }]
	});
	if (bytes.length > largestRoster) return whole('roster.tooLarge', { megabytes: largestRoster / 1024 / 1024 });
	const text = decode(bytes);
	if (text === null) return whole('roster.notText');
	const { data } = Papa.parse<string[]>(text, { skipEmptyLines: false });
	const lines = data
		.map((cells, index) => ({ line: index + 1, cells: cells.map((cell) => cell.normalize('NFKC').trim()) }))
		.filter(({ cells }) => cells.some(Boolean));
	const [head, ...body] = lines;
	if (!head || body.length === 0) return whole('roster.empty');
	if (body.length > mostRows) return whole('roster.tooManyRows', { rows: body.length, most: mostRows });
	const at = findColumns(head.cells);
	const missing = (['number', 'name', 'role'] as const).filter((column) => at[column] === undefined);
	if (missing.length > 0) {
		return { rows: [], errors: missing.map((column) => ({ line: head.line, column, key: 'roster.missingColumn', detail: {} })) };
	}
	const roster: Roster = { rows: [], errors: [] };
	for (const { line, cells } of body) readRow(roster, line, (column) => cells[at[column] ?? -1] ?? '');
	findDoubles(roster);
	return roster;
}

function findColumns(cells: readonly string[]): Partial<Record<Column, number>> {
	const names = cells.map((cell) => cell.replace(/^\uFEFF/, '').toLowerCase());
	const found = columns.map((column) => [column, names.findIndex((name) => headings[column].includes(name))] as const);
	return Object.fromEntries(found.filter(([, index]) => index >= 0));
}

const list = (cell: string): string[] => [
	...new Set(
		cell
			.split(/[;；、]/)
			.map((part) => part.trim())
			.filter(Boolean)
	)
];

function readRow(roster: Roster, line: number, cell: (column: Column) => string): void {
	const errors: RosterError[] = [];
	const wrong = (column: Column, key: string, detail: RosterError['detail'] = {}) =>
		void errors.push({ line, column, key, detail });

	const number = cell('number');
	if (!number) wrong('number', 'roster.numberMissing');
	else if (/^\d(\.\d+)?e\+?\d+$/i.test(number)) wrong('number', 'roster.numberScientific', { value: number });
	else if (!numberPattern.test(number)) wrong('number', 'roster.numberWrong', { value: shown(number) });

	const name = cell('name');
	if (!name) wrong('name', 'roster.nameMissing');
	else if (!namePattern.test(name)) wrong('name', 'roster.nameWrong', { value: shown(name) });

	const words = list(cell('role'));
	if (words.length === 0) wrong('role', 'roster.roleMissing');
	const roles = words.flatMap((word) => {
		const role = rosterRoles.find((role) => roleWords[role].includes(word.toLowerCase()));
		if (!role) wrong('role', 'roster.roleWrong', { value: shown(word) });
		return role ?? [];
	});

	const leaveWord = cell('leaves').toLowerCase();
	const leaves = yes.includes(leaveWord);
	if (!leaves && !no.includes(leaveWord)) wrong('leaves', 'roster.leavesWrong', { value: shown(leaveWord) });

	const classes = list(cell('class'));
	for (const value of classes) if (!classPattern.test(value)) wrong('class', 'roster.classWrong', { value: shown(value) });
	if (!leaves && classes.length === 0 && roles.some((role) => role === 'student' || role === 'headTeacher'))
		wrong('class', 'roster.classMissing');

	const children = list(cell('children'));
	if (!leaves && roles.includes('guardian') && children.length === 0) wrong('children', 'roster.childrenMissing');
	if (children.length > 0 && words.length === roles.length && !roles.includes('guardian'))
		wrong('children', 'roster.childrenOfNobody');

	const email = cell('email').toLowerCase();
	if (email && !z.email().max(120).safeParse(email).success) wrong('email', 'roster.emailWrong', { value: shown(email) });

	roster.errors.push(...errors);
	if (errors.length === 0) roster.rows.push({ line, number, name, roles, classes, email: email || null, children, leaves });
}

/** A cell in a sentence: enough of it to be found. */
const shown = (value: string): string => (value.length > 30 ? `${value.slice(0, 30)}…` : value);

function findDoubles({ rows, errors }: Roster): void {
	const firstLine = (of: (row: RosterRow) => string | null, column: Column, key: string) => {
		const seen = new Map<string, number>();
		for (const row of rows) {
			const value = of(row);
			if (value === null) continue;
			const first = seen.get(value);
			if (first === undefined) seen.set(value, row.line);
			else errors.push({ line: row.line, column, key, detail: { first } });
		}
	};
	firstLine((row) => numberKey(row.number), 'number', 'roster.numberTwice');
	firstLine((row) => row.email, 'email', 'roster.emailTwice');
}
