import { expect, test } from 'vitest';
import { ago } from './ago.ts';

test('how long ago is said in the largest unit that is whole, and what lies ahead is now', () => {
	const now = Date.parse('2026-03-05T08:00:00Z');
	const past = (seconds: number) => ago(now - seconds * 1_000, now);
	expect([-30, 0, 0.9].map(past)).toEqual(['刚刚', '刚刚', '刚刚']);
	expect([1, 3, 59].map(past)).toEqual(['1 秒前', '3 秒前', '59 秒前']);
	expect([60, 3_599].map(past)).toEqual(['1 分钟前', '59 分钟前']);
	expect([3_600, 86_399].map(past)).toEqual(['1 小时前', '23 小时前']);
	expect(past(86_400 * 3)).toBe('3 天前');
});
