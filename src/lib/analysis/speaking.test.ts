import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anUtterance } from '#tests/support/events.ts';
import { zoomMeeting } from '#tests/support/oracles.ts';
import type { RoomEvent } from './event.ts';
import { speakingOf, turnsOf } from './speaking.ts';

const minute = { from: 0, to: 60_000 };

/** Any talk of up to four people, in steps of 10 ms, out of order and overlapping at will. */
const anyTalk = fc.array(
	fc
		.tuple(fc.constantFrom('赵', '钱', '孙', '李'), fc.integer({ min: -100, max: 6_100 }), fc.integer({ min: 1, max: 900 }))
		.map(([who, start, length]) => anUtterance(who, start * 10, (start + length) * 10)),
	{ maxLength: 30 }
);

/** Speakers heard in each 10 ms of the minute, the slow and obvious way. */
function heardInEach10ms(events: readonly RoomEvent[]): Set<string>[] {
	const grid = Array.from({ length: 6_000 }, () => new Set<string>());
	for (const { actorId, start, end } of events) {
		for (let at = Math.max(start, 0); at < Math.min(end, 60_000); at += 10) grid[at / 10]?.add(actorId);
	}
	return grid;
}

describe('speaking time', () => {
	it('is what zoomGroupStats computes from a meeting of 300 captions', () => {
		const events = zoomMeeting.captions.map(({ speaker, start, end }) => anUtterance(speaker, start, end));
		const speaking = speakingOf(events, [], zoomMeeting.span);
		expect(Object.fromEntries(speaking.people.map(({ personId, talk }) => [personId, talk]))).toEqual(zoomMeeting.talk);
		expect(speaking.silence).toBe(zoomMeeting.silence);
		expect(speaking.overlap).toBe(0);
	});

	it('counts what one person says into two devices once', () => {
		const speaking = speakingOf([anUtterance('赵', 0, 10_000), anUtterance('赵', 5_000, 12_000)], ['赵'], minute);
		expect(speaking).toMatchObject({ talk: 12_000, solo: 12_000, overlap: 0, silence: 48_000 });
	});

	it('cuts speech at the borders of the window', () => {
		const speaking = speakingOf([anUtterance('赵', -5_000, 5_000), anUtterance('钱', 55_000, 70_000)], [], minute);
		expect(speaking.people.map(({ talk }) => talk)).toEqual([5_000, 5_000]);
	});

	it('has no shares, rather than shares of nought, when nobody spoke', () => {
		const speaking = speakingOf([], ['赵', '钱'], minute);
		expect(speaking.people.map(({ share, talk, longestTurn }) => ({ share, talk, longestTurn }))).toEqual([
			{ share: null, talk: 0, longestTurn: null },
			{ share: null, talk: 0, longestTurn: null }
		]);
		expect(speaking.silence).toBe(60_000);
	});

	it('equals counting every ten milliseconds, whatever was said', () => {
		fc.assert(
			fc.property(anyTalk, (events) => {
				const heard = heardInEach10ms(events);
				const speaking = speakingOf(events, [], minute);
				expect(speaking.solo).toBe(heard.filter(({ size }) => size === 1).length * 10);
				expect(speaking.overlap).toBe(heard.filter(({ size }) => size > 1).length * 10);
				for (const { personId, talk } of speaking.people) {
					expect(talk).toBe(heard.filter((speakers) => speakers.has(personId)).length * 10);
				}
			})
		);
	});

	it('is made up of one voice, several and none, and its shares of one whole', () => {
		fc.assert(
			fc.property(anyTalk, (events) => {
				const { people, solo, overlap, silence, span, talk } = speakingOf(events, ['赵'], minute);
				expect(solo + overlap + silence).toBe(span);
				expect(silence).toBeGreaterThanOrEqual(0);
				const shares = people.map(({ share }) => share);
				if (talk === 0) expect(shares.every((share) => share === null)).toBe(true);
				else expect(shares.reduce<number>((sum, share) => sum + (share ?? 0), 0)).toBeCloseTo(1, 9);
			})
		);
	});

	it('does not depend on the order in which the events arrive', () => {
		fc.assert(
			fc.property(anyTalk, (events) => {
				const byPerson = (told: RoomEvent[]) => speakingOf(told, ['赵', '钱', '孙', '李'], minute);
				expect(byPerson(events.toReversed())).toEqual(byPerson(events));
			})
		);
	});
});

describe('turns', () => {
	it('follow one another as in zoomGroupStats', () => {
		const events = zoomMeeting.captions.map(({ speaker, start, end }) => anUtterance(speaker, start, end));
		const follows: Record<string, number> = {};
		for (const { speaker, after } of turnsOf(events, zoomMeeting.span)) {
			if (after && after !== speaker) follows[`${speaker}>${after}`] = (follows[`${speaker}>${after}`] ?? 0) + 1;
		}
		expect(follows).toEqual(zoomMeeting.follows);
	});

	it('go on over a pause of one second and end with a longer one', () => {
		const turns = turnsOf(
			[anUtterance('赵', 0, 2_000), anUtterance('赵', 3_000, 5_000), anUtterance('赵', 6_001, 8_000)],
			minute
		);
		expect(turns.map(({ start, end, gap }) => ({ start, end, gap }))).toEqual([
			{ start: 0, end: 5_000, gap: null },
			{ start: 6_001, end: 8_000, gap: 1_001 }
		]);
		expect(turns[0]?.events).toHaveLength(2);
	});

	it('are not taken by a short word of assent inside another turn', () => {
		const talk = [anUtterance('赵', 0, 10_000), anUtterance('钱', 4_000, 5_499)];
		expect(turnsOf(talk, minute).map(({ speaker }) => speaker)).toEqual(['赵']);
		expect(speakingOf(talk, [], minute).people).toMatchObject([
			{ personId: '赵', backchannels: 0 },
			{ personId: '钱', turns: 0, backchannels: 1, talk: 1_499 }
		]);
		expect(turnsOf([anUtterance('赵', 0, 10_000), anUtterance('钱', 4_000, 5_500)], minute)).toHaveLength(2);
	});

	it('interrupt when they begin 200 ms before the turn before ends, and not when they begin later', () => {
		const interrupts = (start: number) =>
			turnsOf([anUtterance('赵', 0, 10_000), anUtterance('钱', start, 20_000)], minute)[1]?.interrupts;
		expect(interrupts(9_800)).toBe(true);
		expect(interrupts(9_801)).toBe(false);
	});

	it('take their constants from the settings', () => {
		const settings = { joinGap: 0, backchannelUnder: 0, interruptionOver: 5_000, overlapFrom: 3 };
		const talk = [anUtterance('赵', 0, 10_000), anUtterance('钱', 5_001, 6_000), anUtterance('赵', 10_500, 11_000)];
		expect(turnsOf(talk, minute, settings).map(({ speaker, interrupts }) => [speaker, interrupts])).toEqual([
			['赵', false],
			['钱', false],
			['赵', false]
		]);
		expect(speakingOf(talk, [], minute, settings).overlap).toBe(0);
	});
});
