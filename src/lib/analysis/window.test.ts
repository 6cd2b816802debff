import { describe, expect, it } from 'vitest';
import { anEvent, anUtterance } from '#tests/support/events.ts';
import { within } from './window.ts';

const window = { from: 10_000, to: 20_000 };

describe('a window of time', () => {
	it('has speech of which any part is heard in it', () => {
		const talk = [anUtterance('甲', 5_000, 10_001), anUtterance('甲', 19_000, 30_000), anUtterance('甲', 5_000, 10_000)];
		expect(within(talk, window)).toEqual(talk.slice(0, 2));
	});

	it('has a burst of typing when it begins in it', () => {
		const before = anEvent({ verb: 'edited', actorId: '甲', start: 9_999, end: 15_000 });
		const inside = anEvent({ verb: 'edited', actorId: '甲', start: 15_000, end: 25_000 });
		expect(within([before, inside], window)).toEqual([inside]);
	});

	it('includes both its ends', () => {
		const ends = [10_000, 20_000].map((start) => anEvent({ verb: 'posted', actorId: '甲', start }));
		expect(within(ends, window)).toEqual(ends);
	});
});
