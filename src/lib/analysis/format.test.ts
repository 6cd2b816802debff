import { describe, expect, it } from 'vitest';
import { durationInWords, durationOnClock, figure, percent } from './format.ts';

describe('figures on screen', () => {
	it('tell lengths of time in words', () => {
		expect([2_500, 38_000, 200_000, 3_900_000].map(durationInWords)).toEqual(['2.5 秒', '38 秒', '3 分 20 秒', '1 小时 5 分']);
	});

	it('tell lengths of time as a clock does', () => {
		expect([0, 38_400, 200_000, 3_905_000].map(durationOnClock)).toEqual(['0:00', '0:38', '3:20', '1:05:05']);
	});

	it('show what is undefined as a dash, never as nought', () => {
		expect([0.0004, 0.031, 0.5].map(percent)).toEqual(['<0.1%', '3.1%', '50%']);
		expect([percent(null), figure(null), percent(0), figure(0)]).toEqual(['—', '—', '0%', '0.00']);
	});
});
