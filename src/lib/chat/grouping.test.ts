import { expect, test } from 'vitest';
import { groupMessages } from './grouping.ts';
import type { ChatMessage } from './timeline.svelte.ts';

let made = 0;
function aMessage(personId: string, time: string): ChatMessage {
	made += 1;
	const at = new Date(`2026-11-${time}`).getTime();
	return {
		key: `m${made}`,
		id: `$${made}`,
		personId: personId as never,
		at,
		text: '好',
		edited: false,
		withdrawn: false,
		delivery: 'sent',
		reply: null
	};
}

test('messages stand by day and by author, and a long silence names the author again', () => {
	const days = groupMessages([
		aMessage('a', '23T23:58'),
		aMessage('a', '24T00:01'),
		aMessage('a', '24T00:03'),
		aMessage('b', '24T00:04'),
		aMessage('a', '24T00:05'),
		aMessage('a', '24T00:30')
	]);
	expect(days.map(({ runs }) => runs.map(({ personId, messages }) => `${personId}${messages.length}`))).toEqual([
		['a1'],
		['a2', 'b1', 'a1', 'a1']
	]);
});

test('no messages make no days, and keys never repeat', () => {
	expect(groupMessages([])).toEqual([]);
	const days = groupMessages([aMessage('a', '24T10:00'), aMessage('a', '23T10:00'), aMessage('a', '24T10:01')]);
	expect(new Set(days.map(({ key }) => key)).size).toBe(3);
});
