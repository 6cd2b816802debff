import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followSpeech } from './speech.ts';
import type { Speech } from './speech.ts';

const hearing = { startLag: 100, endLag: 200, breath: 300, shortest: 100, beat: 1000 };
let said: string[];
let speech: Speech;

beforeEach(() => {
	vi.useFakeTimers({ now: 0 });
	said = [];
	speech = followSpeech(hearing, { began: (at) => said.push(`began ${at}`), ended: (at) => said.push(`ended ${at}`) });
});
afterEach(() => vi.useRealTimers());

/** Speech begins at the first time, ends at the second, and so on. */
function play(...times: number[]): void {
	for (const [index, at] of times.entries()) {
		vi.advanceTimersByTime(at - Date.now());
		speech.hear(index % 2 === 0, Date.now());
	}
}
const later = () => vi.advanceTimersByTime(10_000);

test('an utterance lasts from the first sound to the last, not from when they are told of', () => {
	play(1000, 3000);
	later();
	expect(said).toEqual(['began 900', 'ended 2800']);
});

test('a breath does not end an utterance', () => {
	play(1000, 2000, 2190, 3000);
	later();
	expect(said).toEqual(['began 900', 'ended 2800']);
});

test('a pause longer than a breath makes two utterances', () => {
	play(1000, 2000, 2210, 3000);
	later();
	expect(said).toEqual(['began 900', 'ended 1800', 'began 2110', 'ended 2800']);
});

test('being told twice changes nothing', () => {
	for (const [speaks, at] of [
		[true, 1000],
		[true, 1500],
		[false, 2000],
		[false, 2100]
	] as const)
		speech.hear(speaks, at);
	later();
	expect(said).toEqual(['began 900', 'ended 1800']);
});

test('whoever leaves while speaking has spoken until then', () => {
	play(1000);
	speech.end(2100);
	later();
	expect(said).toEqual(['began 900', 'ended 2100']);
});

test('whoever leaves during a breath has spoken until the breath', () => {
	play(1000, 2000);
	speech.end(2100);
	later();
	expect(said).toEqual(['began 900', 'ended 1800']);
});
