import { describe, expect, it } from 'vitest';
import { anEvent, anUtterance } from '#tests/support/events.ts';
import { lanesOf } from './lanes.ts';

const window = { from: 1_000, to: 61_000 };

describe('lanes', () => {
	it('hold what each person did, in milliseconds since the beginning', () => {
		const events = [
			anEvent({ verb: 'joined', actorId: '甲', start: 2_000 }),
			anUtterance('甲', 3_000, 5_000),
			anEvent({ verb: 'posted', actorId: '甲', start: 6_000 }),
			anEvent({ verb: 'edited', actorId: '甲', start: 7_000, end: 9_000 }),
			anEvent({ verb: 'mapped', actorId: '甲', start: 10_000 }),
			anEvent({ verb: 'left', actorId: '甲', start: 11_000 })
		];
		expect(lanesOf(events, ['甲', '乙'], window)).toEqual([
			{ personId: '甲', presence: [1_000, 10_000], speech: [2_000, 4_000], doc: [6_000, 8_000], chat: [5_000], map: [9_000] },
			{ personId: '乙', presence: [], speech: [], doc: [], chat: [], map: [] }
		]);
	});

	it('put events that arrive late in order', () => {
		const messages = [9_000, 2_000].map((start) => anEvent({ verb: 'posted', actorId: '甲', start }));
		expect(lanesOf(messages, ['甲'], window)[0]?.chat).toEqual([1_000, 8_000]);
	});

	it('assume that who never left stayed to the end', () => {
		const [lane] = lanesOf([anEvent({ verb: 'joined', actorId: '甲', start: 31_000 })], ['甲'], window);
		expect(lane?.presence).toEqual([30_000, 60_000]);
	});

	it('assume that who left without joining was there from the beginning', () => {
		const [lane] = lanesOf([anEvent({ verb: 'left', actorId: '甲', start: 31_000 })], ['甲'], window);
		expect(lane?.presence).toEqual([0, 30_000]);
	});

	it('know two stays of one person', () => {
		const moves = (['joined', 'left', 'joined', 'left'] as const).map((verb, index) =>
			anEvent({ verb, actorId: '甲', start: 11_000 + index * 10_000 })
		);
		expect(lanesOf(moves, ['甲'], window)[0]?.presence).toEqual([10_000, 20_000, 30_000, 40_000]);
	});

	it('show a burst that was over at once', () => {
		const [lane] = lanesOf([anEvent({ verb: 'edited', actorId: '甲', start: 5_000 })], ['甲'], window);
		expect(lane?.doc).toEqual([4_000, 4_001]);
	});
});
