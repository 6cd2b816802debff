import { expect, test } from 'vitest';
import { calloutKind } from './callout.ts';
import { srcIn } from './picture.ts';
import { clockOf } from '#lib/ui/clock.ts';
import { addressOf, referenceIn, referenceOf, secondsIn } from './reference.ts';
import { hrefIn, idIn, nameIn, newName, numberIn, textIn } from './values.ts';

const id = '01980000-0000-7000-8000-000000000000';
const origin = 'https://space.school.cn';

test('only addresses that may be followed are followed', () => {
	for (const href of ['https://a.cn/b?c=d#e', 'http://a.cn', 'mailto:a@b.cn', '/rooms/1', '#top'])
		expect(hrefIn(href)).toBe(href);
	for (const href of [
		'javascript:alert(1)',
		'JaVaScRiPt:alert(1)',
		'java\tscript:alert(1)',
		' javascript:alert(1)',
		'data:text/html,x',
		'vbscript:x',
		'//evil.example',
		'/\\evil.example',
		'https://',
		`https://a.cn/${'a'.repeat(3000)}`,
		'',
		null,
		{ toString: () => 'https://a.cn' }
	]) {
		expect([href, hrefIn(href)]).toEqual([href, null]);
	}
});

test('garbage in attributes becomes something harmless', () => {
	const garbage = [null, undefined, 1, NaN, Infinity, [], {}, true, '\u0000', 'x'.repeat(100_000), { length: 5 }];
	for (const value of garbage) {
		expect(textIn(value).length).toBeLessThanOrEqual(200);
		expect(srcIn(value)).toBeNull();
		expect(idIn(value)).toBeNull();
		expect(calloutKind(value)).toBe('tip');
		expect(() => referenceIn({ target: value, id: value, room: value, second: value, label: value })).not.toThrow();
		expect(referenceIn({ target: value, id, room: value, second: value, label: value })?.id).toBe(id);
		expect([null, 1, 10]).toContain(numberIn(value, 1, 10));
	}
	expect(nameIn(newName())).not.toBeNull();
	expect(nameIn('a b')).toBeNull();
});

test('a second of a recording is read from a clock or a number, and shown as a clock', () => {
	expect(secondsIn('12:34')).toBe(754);
	expect(secondsIn('1:02:34')).toBe(3754);
	expect(secondsIn('754')).toBe(754);
	expect(secondsIn('754s')).toBe(754);
	for (const text of ['', '12:75', 'x', '1:2:3:4', '-5', null]) expect([text, secondsIn(text)]).toEqual([text, null]);
	expect([0, 59, 754, 3754].map((seconds) => clockOf(seconds * 1_000))).toEqual(['0:00', '0:59', '12:34', '1:02:34']);
});

test('an address of the space is a reference, one of elsewhere is not', () => {
	const recording = { target: 'recording', id, room: null, second: 754 };
	expect(referenceOf(`${origin}/recordings/${id}?t=754`, origin)).toEqual(recording);
	expect(referenceOf(`/recordings/${id}#t=12:34`, origin)).toEqual(recording);
	expect(referenceOf(`${origin}/rooms/${id}?document=${id}`, origin)).toEqual({ target: 'document', id, room: id, second: null });
	for (const address of [`https://evil.example/recordings/${id}`, `/rooms/${id}`, `/recordings/x`, 'javascript:1', 'https://[']) {
		expect([address, referenceOf(address, origin)]).toEqual([address, null]);
	}
	const shown = referenceIn({ ...recording, label: '点这里领红包' });
	expect(shown?.label).toBe('▶ 12:34');
	expect(addressOf(shown ?? (null as never))).toBe(`/recordings/${id}?t=754`);
});
