import { afterEach, expect, test } from 'vitest';
import { getLocale, overwriteGetLocale } from '#lib/i18n/generated/runtime.js';
import { addDays } from './days.ts';
import { dueWords } from './words.ts';

const readersLocale = getLocale;
afterEach(() => overwriteGetLocale(readersLocale));

test('how late a task is is said in the right number', () => {
	const today = '2026-11-28';
	const said = (days: number) => dueWords({ state: 'todo', dueOn: addDays(today, -days) }, today);
	overwriteGetLocale(() => 'en');
	expect([1, 2].map(said)).toEqual(['1 day overdue', '2 days overdue']);
	overwriteGetLocale(() => 'zh-CN');
	expect([1, 2].map(said)).toEqual(['已过期 1 天', '已过期 2 天']);
});
