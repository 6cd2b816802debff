import { describe, expect, it } from 'vitest';
import { anEvent } from '#tests/support/events.ts';
import { contributionsOf } from './contributions.ts';

describe('contributions', () => {
	it('tell what each person typed, and deleted of their own and of others', () => {
		const edits = [
			anEvent({ verb: 'edited', actorId: '甲', documentId: 'text', start: 0, inserted: 40 }),
			anEvent({ verb: 'edited', actorId: '乙', documentId: 'text', start: 1, inserted: 8, deleted: { 甲: 5, 乙: 3 } }),
			anEvent({ verb: 'edited', actorId: '乙', documentId: 'text', start: 2, inserted: 2, deleted: { 丙: 1 } })
		];
		expect(contributionsOf(edits)).toEqual([
			{
				documentId: 'text',
				people: [
					{ personId: '甲', inserted: 40, deletedOwn: 0, deletedOthers: 0, created: 0, moved: 0, linked: 0, removed: 0 },
					{ personId: '乙', inserted: 10, deletedOwn: 3, deletedOthers: 6, created: 0, moved: 0, linked: 0, removed: 0 }
				]
			}
		]);
	});

	it('count nodes of each map apart', () => {
		const acts = [
			anEvent({ verb: 'mapped', actorId: '甲', documentId: 'one', start: 0, amount: 3 }),
			anEvent({ verb: 'moved', actorId: '甲', documentId: 'one', start: 1, amount: 1 }),
			anEvent({ verb: 'linked', actorId: '乙', documentId: 'two', start: 2, amount: 2 }),
			anEvent({ verb: 'removed', actorId: '乙', documentId: 'two', start: 3, amount: 1 })
		];
		expect(contributionsOf(acts)).toMatchObject([
			{ documentId: 'one', people: [{ personId: '甲', created: 3, moved: 1 }] },
			{ documentId: 'two', people: [{ personId: '乙', linked: 2, removed: 1 }] }
		]);
	});

	it('leave out what is no work on a document', () => {
		expect(contributionsOf([anEvent({ verb: 'posted', actorId: '甲', start: 0, amount: 12 })])).toEqual([]);
	});
});
