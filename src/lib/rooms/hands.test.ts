import { expect, test } from 'vitest';
import { filters, shownBy, waited } from './hands.ts';
import { grantsOf, rulesOf } from './model.ts';
import type { Participant } from './model.ts';

const person = (about: Partial<Participant> = {}): Participant => ({
	personId: 'a',
	name: '小明',
	role: 'student',
	since: '2026-03-05T08:00:00.000Z',
	leads: false,
	onStage: false,
	denied: [],
	can: { microphone: false, camera: false, screen: false, draw: false, chat: true },
	handAt: null,
	need: null,
	spoke: false,
	...about
});

test('the filters show who has not spoken, is not done, needs help or holds up a hand, and never who leads', () => {
	const shown = (about: Partial<Participant>) => filters.filter((filter) => shownBy(filter, person(about)));
	expect(shown({})).toEqual(['all', 'notSpoken', 'notDone']);
	expect(shown({ spoke: true, need: 'done' })).toEqual(['all']);
	expect(shown({ spoke: true, need: 'help' })).toEqual(['all', 'notDone', 'help']);
	expect(shown({ handAt: '2026-03-05T08:00:00.000Z' })).toEqual(['all', 'notSpoken', 'notDone', 'hands']);
	expect(shown({ leads: true, need: 'help' })).toEqual(['all']);
});

test('waiting is told in minutes and seconds, and never negative when clocks differ', () => {
	const at = '2026-03-05T08:00:00.000Z';
	expect(waited(at, Date.parse(at) + 65_400)).toBe('1:05');
	expect(waited(at, Date.parse(at) - 5_000)).toBe('0:00');
});

const nothing = { microphone: false, camera: false, screen: false, draw: false };
const everything = { microphone: true, camera: true, screen: true, draw: true };
const ordinary = { leads: false, onStage: false, denied: [] };

test('in a lesson one listens and chats until one is invited up; in a meeting everybody speaks', () => {
	expect(grantsOf(ordinary, rulesOf({ kind: 'lesson', rules: {} }))).toEqual({ ...nothing, chat: true });
	expect(grantsOf({ ...ordinary, onStage: true }, rulesOf({ kind: 'lesson', rules: {} }))).toEqual({ ...everything, chat: true });
	expect(grantsOf(ordinary, rulesOf({ kind: 'meeting', rules: {} }))).toEqual({ ...everything, chat: true });
});

test('an invitation outweighs what all are forbidden, one’s own prohibition outweighs the invitation, and who leads may all', () => {
	const silent = rulesOf({ kind: 'meeting', rules: { microphone: false, chat: false } });
	expect(grantsOf(ordinary, silent)).toEqual({ ...everything, microphone: false, chat: false });
	expect(grantsOf({ ...ordinary, onStage: true }, silent)).toEqual({ ...everything, chat: false });
	expect(grantsOf({ ...ordinary, onStage: true, denied: ['microphone'] }, silent)).toMatchObject({
		microphone: false,
		camera: true
	});
	expect(grantsOf({ leads: true, onStage: false, denied: ['microphone'] }, silent)).toEqual({ ...everything, chat: true });
});
