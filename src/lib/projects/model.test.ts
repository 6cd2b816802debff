import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, daysBetween, isDay, lastDay, mondayOf } from './days.ts';
import { isOverdue, placeBefore, progressOf } from './model.ts';

const day = fc
	.date({ min: new Date('2000-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
	.map((date) => date.toISOString().slice(0, 10));

test('days are of the calendar, within reach, and never anything else', () => {
	fc.assert(fc.property(day, (text) => isDay(text)));
	fc.assert(fc.property(fc.string(), (text) => !isDay(text) || /^\d{4}-\d{2}-\d{2}$/.test(text)));
	for (const wrong of ['2026-02-30', '2026-13-01', '1999-12-31', '2101-01-01', '2026-1-1', '', '2026-01-01T00:00:00Z'])
		expect(isDay(wrong), wrong).toBe(false);
});

test('days are added and counted without any time zone in between', () => {
	fc.assert(
		fc.property(day, fc.integer({ min: -400, max: 400 }), (from, count) => {
			const to = addDays(from, count);
			expect(isDay(to)).toBe(true);
			if (to > '2000-01-01' && to < lastDay) expect(daysBetween(from, to)).toBe(count);
		})
	);
	expect(addDays('2026-11-28', 7)).toBe('2026-12-05');
	expect(addDays('2100-12-30', 30)).toBe(lastDay);
	expect(mondayOf('2026-11-28')).toBe('2026-11-23');
	expect(mondayOf('2026-11-29')).toBe('2026-11-23');
	expect(mondayOf('2026-11-30')).toBe('2026-11-30');
});

test('there is a place before any other, or none is left and all are numbered anew', () => {
	const three = [1, 2, 3].map((position) => ({ id: String(position), position }));
	expect(placeBefore(three, '1')).toBe(0);
	expect(placeBefore(three, '2')).toBe(1.5);
	expect(placeBefore(three, null)).toBe(4);
	expect(placeBefore(three, 'gone')).toBe(4);
	expect(placeBefore([], null)).toBe(1);
	expect(
		placeBefore(
			[
				{ id: 'a', position: 1 },
				{ id: 'b', position: 1 + Number.EPSILON }
			],
			'b'
		)
	).toBeNull();
});

test('a task is late the day after it was due, unless it is done', () => {
	expect(isOverdue({ state: 'todo', dueOn: '2026-11-27' }, '2026-11-28')).toBe(true);
	expect(isOverdue({ state: 'doing', dueOn: '2026-11-28' }, '2026-11-28')).toBe(false);
	expect(isOverdue({ state: 'done', dueOn: '2026-11-27' }, '2026-11-28')).toBe(false);
	expect(isOverdue({ state: 'todo', dueOn: null }, '2026-11-28')).toBe(false);
});

test('the next milestone is the first that is not over', () => {
	const milestones = [
		{ id: 'c', title: '三', on: '2026-12-30' },
		{ id: 'a', title: '一', on: '2026-11-27' },
		{ id: 'b', title: '二', on: '2026-11-28' }
	];
	const tasks = [
		{ state: 'done' as const, dueOn: null },
		{ state: 'todo' as const, dueOn: '2026-11-01' }
	];
	expect(progressOf(tasks, milestones, '2026-11-28')).toEqual({
		done: 1,
		total: 2,
		overdue: 1,
		next: { title: '二', on: '2026-11-28' }
	});
});
