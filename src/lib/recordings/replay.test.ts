import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tracksAt } from './model.ts';
import type { RecordedEvent, RecordedTrack } from './model.ts';
import { momentAt } from './moments.ts';
import { chaptersOf, mainOf } from './replay.svelte.ts';
import { firstSeen, searchEvents, snippetOf } from './search.ts';

const track = (id: string, kind: RecordedTrack['kind'], personId: string, from = 0, to = 10_000): RecordedTrack => ({
	id,
	kind,
	personId,
	from,
	to,
	bytes: 1
});
const spoke = (personId: string, at: number, until: number): RecordedEvent => ({ kind: 'spoke', at, until, personId });

test('a screen is shown before a face, of faces the one who spoke last, and what one chose before all', () => {
	const [one, two, screen] = [track('1', 'camera', 'a'), track('2', 'camera', 'b'), track('3', 'screen', 'a')];
	const events = [spoke('a', 0, 500), spoke('b', 1_000, 2_000), spoke('c', 1_500, 2_500), spoke('a', 4_000, 5_000)];
	expect(mainOf([one, two], events, 3_000, null)).toBe(two);
	expect(mainOf([one, two], events, 4_500, null)).toBe(one);
	expect(mainOf([one, two], [], 0, null)).toBe(one);
	expect(mainOf([one, two, screen], events, 3_000, null)).toBe(screen);
	expect(mainOf([one, two, screen], events, 3_000, 'camera a')).toBe(one);
	expect(mainOf([], events, 3_000, null)).toBeNull();
});

test('a file is to be heard from its first moment to before its last', () => {
	const tracks = [track('1', 'microphone', 'a', 0, 1_000), track('2', 'microphone', 'a', 1_000, 2_000)];
	expect(tracksAt(tracks, 999).map(({ id }) => id)).toEqual(['1']);
	expect(tracksAt(tracks, 1_000).map(({ id }) => id)).toEqual(['2']);
});

test('chapters are the beginning, what all did, and each screen, in order', () => {
	const round: RecordedEvent = {
		kind: 'round',
		at: 5_000,
		until: null,
		round: 'question',
		question: '',
		options: [],
		counts: [],
		correct: [],
		winner: null
	};
	const chapters = chaptersOf({ events: [round], tracks: [track('1', 'screen', 'a', 2_000), track('2', 'camera', 'a')] });
	expect(chapters.map(({ at, screen }) => [at, screen])).toEqual([
		[0, null],
		[2_000, 'a'],
		[5_000, null]
	]);
});

test('the moment of a time counts what had come by then', () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 0, max: 1_000 })), fc.integer({ min: -10, max: 1_010 }), (times, time) => {
			const rising = Float64Array.from(times.toSorted((one, other) => one - other));
			expect(momentAt(rising, time)).toBe(times.filter((one) => one <= time).length);
		})
	);
});

test('words are found whatever their width and case, with some of what stands around them', () => {
	expect(snippetOf('今天我们看校门口的玉兰，它开花二十天，比去年多三天，大家记下来', '二十天')).toContain('开花二十天');
	expect(snippetOf('Ｐython 入门', 'PYTHON')).toBe('Ｐython 入门');
	expect(snippetOf('没有', '有没')).toBeNull();
	const events: RecordedEvent[] = [
		{ kind: 'message', at: 3_000, personId: 'a', text: '玉兰开了' },
		{
			kind: 'round',
			at: 1_000,
			until: null,
			round: 'question',
			question: '玉兰几月开',
			options: ['三月'],
			counts: [0],
			correct: [],
			winner: null
		}
	];
	expect(searchEvents(events, [], '玉兰').map(({ at, where }) => [at, where])).toEqual([
		[1_000, 'round'],
		[3_000, 'message']
	]);
	expect(searchEvents(events, [], '  ')).toEqual([]);
});

test('the first moment in which words stand is found in a few looks', async () => {
	await fc.assert(
		fc.asyncProperty(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), async (moments, part) => {
			const first = Math.max(1, Math.ceil(part * moments));
			let looks = 0;
			const textAt = async (moment: number) => {
				looks++;
				return moment >= first ? '有玉兰了' : '还没有';
			};
			expect(await firstSeen(moments, textAt, '玉兰')).toMatchObject([{ moment: first }]);
			expect(looks).toBeLessThan(60);
		})
	);
	expect(await firstSeen(0, async () => '玉兰', '玉兰')).toEqual([]);
});
