import { m } from '#lib/i18n/generated/messages.js';
import { getLocale } from '#lib/i18n/generated/runtime.js';
import { daysBetween, timeOf } from './days.ts';
import { isOverdue } from './model.ts';
import type { Task, TaskState } from './model.ts';

export const stateName = (state: TaskState): string => m[`projects.state.${state}`]();

/** A day as people write it: 11月28日（周六）; Sat, 28 November. The year only when it is another one. */
export function dayWords(day: string, today: string): string {
	const time = timeOf(day);
	const year = day.slice(0, 4) === today.slice(0, 4) ? {} : ({ year: 'numeric' } as const);
	const format = (options: Intl.DateTimeFormatOptions) =>
		new Intl.DateTimeFormat(getLocale() === 'zh-CN' ? 'zh-CN' : 'en-GB', { timeZone: 'UTC', ...options }).format(time);
	if (getLocale() !== 'zh-CN') return format({ weekday: 'short', day: 'numeric', month: 'short', ...year });
	return `${format({ month: 'long', day: 'numeric', ...year })}（${format({ weekday: 'short' })}）`;
}

/** A day as short as it can be told: 今天, 明天, 11月28日. */
export function shortDay(day: string, today: string): string {
	const away = daysBetween(today, day);
	if (away === 0) return m['projects.today']();
	if (away === 1) return m['projects.tomorrow']();
	if (away === -1) return m['projects.yesterday']();
	const year = day.slice(0, 4) === today.slice(0, 4) ? {} : ({ year: 'numeric' } as const);
	return new Intl.DateTimeFormat(getLocale() === 'zh-CN' ? 'zh-CN' : 'en-GB', {
		timeZone: 'UTC',
		day: 'numeric',
		month: getLocale() === 'zh-CN' ? 'long' : 'short',
		...year
	}).format(timeOf(day));
}

type Due = Pick<Task, 'state' | 'dueOn'>;

/** When a task is due, in words; that it is late is said, not only shown. */
export function dueWords(task: Due, today: string): string {
	if (!task.dueOn) return '';
	if (isOverdue(task, today)) {
		const days = daysBetween(task.dueOn, today);
		return days === 1 ? m['projects.overdueOne']() : m['projects.overdueBy']({ days });
	}
	return Math.abs(daysBetween(today, task.dueOn)) <= 1 ? shortDay(task.dueOn, today) : dayWords(task.dueOn, today);
}

export function dueTone(task: Due, today: string): 'plain' | 'late' | 'soon' {
	if (isOverdue(task, today)) return 'late';
	return task.state !== 'done' && task.dueOn !== null && daysBetween(today, task.dueOn) <= 1 ? 'soon' : 'plain';
}
