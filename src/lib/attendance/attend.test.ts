import { expect, test } from 'vitest';
import { attended, lessonWindow } from './attend.ts';

const minute = 60_000;
const stay = (from: number, to: number | null, personId = 'a') => ({
	personId,
	from: from * minute,
	to: to === null ? null : to * minute
});
const lesson = { from: 0, to: 40 * minute };
const none = { now: 100 * minute, reason: null };

test('whoever came within five minutes and stayed was there; later is late, and leaving before the last five is early', () => {
	const presence = (from: number, to: number) => attended([stay(from, to)], lesson, none).presence;
	expect(presence(5, 35)).toBe('there');
	expect(presence(6, 40)).toBe('late');
	expect(presence(0, 34)).toBe('early');
	expect(presence(20, 30)).toBe('lateAndEarly');
});

test('a cut of the line is neither late nor early, and the time inside leaves it out', () => {
	expect(attended([stay(0, 10), stay(12, 40)], lesson, none)).toEqual({
		joinedAt: 0,
		leftAt: 40 * minute,
		inside: 38 * minute,
		presence: 'there'
	});
});

test('who never came is absent, or excused with a reason', () => {
	expect(attended([], lesson, none)).toEqual({ joinedAt: null, leftAt: null, inside: 0, presence: 'absent' });
	expect(attended([], lesson, { now: 0, reason: 'sick' }).presence).toBe('excused');
	expect(attended([stay(0, 40)], lesson, { now: 0, reason: 'sick' }).presence).toBe('there');
});

test('while a session goes on nobody has left early, and who is inside has been so until now', () => {
	const going = { from: 0, to: null };
	expect(attended([stay(0, 10)], going, none).presence).toBe('there');
	expect(attended([stay(1, null)], going, { now: 11 * minute, reason: null })).toEqual({
		joinedAt: minute,
		leftAt: null,
		inside: 10 * minute,
		presence: 'there'
	});
});

test('a lesson is as long as the teacher is there, so that nobody is late who waited for the teacher', () => {
	const session = { from: 0, to: 60 * minute };
	expect(lessonWindow(session, [stay(10, 30), stay(32, 50)])).toEqual({ from: 10 * minute, to: 50 * minute });
	expect(lessonWindow(session, [])).toEqual(session);
	expect(lessonWindow({ from: 0, to: null }, [stay(10, 30)])).toEqual({ from: 10 * minute, to: null });
});
