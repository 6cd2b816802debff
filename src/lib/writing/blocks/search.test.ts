import { expect, test } from 'vitest';
import { fitOf, found } from './search.ts';

const rain = { label: '林小雨', spoken: ['lin', 'xiao', 'yu'] };

test('a name is found by characters, pinyin, initials, and any mixture of them', () => {
	for (const typed of ['', '林', '小雨', 'linxiaoyu', 'lxy', 'linxy', 'lxiaoy', 'l', 'LIN', "lin'xiao", 'xiaoyu', 'xy']) {
		expect([typed, fitOf(rain, typed)]).not.toEqual([typed, null]);
	}
	for (const typed of ['雪', 'linx0', 'ly', 'xiaolin', 'linxiaoyux']) expect([typed, fitOf(rain, typed)]).toEqual([typed, null]);
});

test('what begins like it comes first', () => {
	const snow = { label: '小雪', spoken: ['xiao', 'xue'] };
	expect(found([rain, snow], 'xiao')).toEqual([snow, rain]);
	expect(found([rain, snow], '小')).toEqual([snow, rain]);
});

test('a long query takes no long time', () => {
	const began = performance.now();
	expect(fitOf({ label: '', spoken: Array.from({ length: 40 }, () => 'aaaa') }, 'a'.repeat(30) + 'b')).toBeNull();
	expect(performance.now() - began).toBeLessThan(500);
});
