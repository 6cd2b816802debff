import { longestStep, mostSteps } from './model.ts';
import type { StepInput } from './model.ts';

/** An id for a new step of a plan. */
export const newStepId = (): string => `s${crypto.randomUUID().replaceAll('-', '').slice(0, 15)}`;

const headings = /^(环节|步骤|教学环节|内容|名称|step|name|title)$/i;
const minutesIn = (cell: string): number | null => {
	const [, from, to] =
		/^约?\s*(\d{1,3}(?:\.\d)?)(?:\s*[-–—~～至]\s*(\d{1,3}))?\s*(?:分钟|分|min(?:ute)?s?|['′’])?$/i.exec(cell) ?? [];
	const minutes = Number(to ?? from);
	return from === undefined || minutes > longestStep ? null : minutes;
};

/**
 * Steps out of what was copied from a table or written line by line: a name, minutes in any column, and the rest as a
 * note. “导入	5 分钟	看图”, “导入 5分钟” and “1. 导入” are steps; a line of headings is none.
 */
export function parsePasted(text: string): StepInput[] {
	return text
		.split(/\r\n|\r|\n/)
		.map((line) => (line.includes('\t') ? line.split('\t') : /[,，|]/.test(line) ? line.split(/[,，|]/) : [line]))
		.map((cells) => cells.map((cell) => cell.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim()).filter((cell) => cell !== ''))
		.filter((cells) => cells.length > 0 && !cells.some((cell) => headings.test(cell)))
		.flatMap((cells) => {
			const step = stepOf(cells);
			return step ? [step] : [];
		})
		.slice(0, mostSteps);
}

function stepOf(cells: readonly string[]): StepInput | null {
	// The first column of many tables only counts.
	const counted = cells.length > 1 && /^\d{1,2}[.、)）]?$/.test(cells[0] ?? '') && minutesOnly(cells.slice(1)) < cells.length - 1;
	const rest = counted ? cells.slice(1) : [...cells];
	let minutes = 0;
	const at = rest.findIndex((cell, index) => (rest.length > 1 || index > 0) && minutesIn(cell) !== null);
	if (at >= 0) minutes = minutesIn(rest.splice(at, 1)[0] ?? '') ?? 0;
	let [name = '', ...notes] = rest;
	name = name.replace(/^\d{1,2}[.、)）]\s*/, '');
	const inName = at < 0 ? /^(.*?)[\s（(]+(\d{1,3})\s*(?:分钟|分|min)[)）]?$/i.exec(name) : null;
	if (inName && Number(inName[2]) <= longestStep) [name, minutes] = [(inName[1] ?? '').trim(), Number(inName[2])];
	name = [...name].slice(0, 80).join('').trim();
	return name === '' ? null : { id: newStepId(), name, minutes, note: [...notes.join(' ')].slice(0, 1_000).join('').trim() };
}

const minutesOnly = (cells: readonly string[]): number => cells.filter((cell) => minutesIn(cell) !== null).length;

/** The step after this one; the first when there is none yet, null after the last. */
export function nextOf<One extends { id: string }>(steps: readonly One[], currentId: string | null): One | null {
	if (currentId === null) return steps[0] ?? null;
	const at = steps.findIndex(({ id }) => id === currentId);
	return at < 0 ? null : (steps[at + 1] ?? null);
}

/** Moves one of a list so many places; at the ends it stays. */
export function moved<One>(list: readonly One[], from: number, by: number): One[] {
	const to = Math.min(Math.max(0, from + by), list.length - 1);
	const copy = [...list];
	const [one] = copy.splice(from, 1);
	if (one !== undefined) copy.splice(to, 0, one);
	return copy;
}
