import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEvent, anUtterance } from '#tests/support/events.ts';
import { florentineFamilies } from '#tests/support/oracles.ts';
import { repliesOf } from './replies.ts';
import { turnsOf } from './speaking.ts';

const reply = (actorId: string, targetId: string, times = 1) =>
	Array.from({ length: times }, () => anEvent({ verb: 'replied', actorId, targetId, start: 0 }));

describe('the reply network', () => {
	it('has the density, reciprocity and degrees that networkx gives', () => {
		const replies = [
			...reply('甲', '乙', 3),
			...reply('乙', '甲'),
			...reply('丙', '甲', 2),
			...reply('甲', '丙'),
			...reply('丁', '甲', 4),
			...reply('乙', '丙')
		];
		const network = repliesOf(replies, [], ['甲', '乙', '丙', '丁', '戊']);
		expect(network.density).toBeCloseTo(0.3, 12);
		expect(network.reciprocity).toBeCloseTo(2 / 3, 12);
		expect(network.nodes).toEqual([
			{ personId: '甲', inDegree: 3, outDegree: 2, received: 7, given: 4 },
			{ personId: '乙', inDegree: 1, outDegree: 2, received: 3, given: 2 },
			{ personId: '丙', inDegree: 2, outDegree: 1, received: 2, given: 2 },
			{ personId: '丁', inDegree: 0, outDegree: 1, received: 0, given: 4 },
			{ personId: '戊', inDegree: 0, outDegree: 0, received: 0, given: 0 }
		]);
		expect(network.ties[0]).toMatchObject({ from: '丁', to: '甲', weight: 4 });
	});

	it('gives the density and degrees of the Florentine marriages, each told both ways', () => {
		const { families, marriages, density, degree } = florentineFamilies;
		const both = marriages.flatMap(([one = '', other = '']) => [...reply(one, other), ...reply(other, one)]);
		const network = repliesOf(both, [], families);
		expect(network.density).toBeCloseTo(density, 9);
		expect(network.reciprocity).toBe(1);
		expect(Object.fromEntries(network.nodes.map(({ personId, inDegree }) => [personId, inDegree]))).toEqual(degree);
	});

	it('leaves out answers to oneself and says how many there were', () => {
		expect(repliesOf(reply('甲', '甲', 2), [], ['甲', '乙'])).toMatchObject({ ties: [], toOneself: 2, density: 0 });
	});

	it('has no reciprocity without ties and no density for one person', () => {
		expect(repliesOf([], [], ['甲'])).toMatchObject({ density: null, reciprocity: null });
	});

	it('counts a turn soon after another as an answer, if speech is to count', () => {
		const talk = [anUtterance('甲', 0, 5_000), anUtterance('乙', 6_000, 9_000), anUtterance('丙', 14_001, 20_000)];
		const turns = turnsOf(talk, { from: 0, to: 60_000 });
		expect(repliesOf(talk, turns, [], ['speech']).ties).toMatchObject([{ from: '乙', to: '甲', speech: 1, weight: 1 }]);
		expect(repliesOf(talk, turns, [], ['chat']).ties).toEqual([]);
	});

	it('counts each change to the text of another as one answer and tells of its characters', () => {
		const edit = anEvent({ verb: 'edited', actorId: '甲', start: 0, deleted: { 乙: 40, 甲: 7 } });
		expect(repliesOf([edit], [], [], ['doc'])).toMatchObject({
			ties: [{ from: '甲', to: '乙', doc: 40, weight: 1 }],
			toOneself: 0
		});
	});

	it('has no tie to nobody, whose text anyone may change', () => {
		const edit = anEvent({ verb: 'edited', actorId: '甲', start: 0, deleted: { '': 12 } });
		expect(repliesOf([edit], [], ['甲'], ['doc'])).toMatchObject({ nodes: [{ personId: '甲' }], ties: [] });
	});

	it('gives and receives equally many answers, among whomever', () => {
		const anyReplies = fc.array(
			fc.tuple(fc.constantFrom('甲', '乙', '丙'), fc.constantFrom('甲', '乙', '丙')).map(([from, to]) => reply(from, to)[0]!)
		);
		fc.assert(
			fc.property(anyReplies, (replies) => {
				const { nodes, ties, toOneself } = repliesOf(replies, [], ['甲', '乙', '丙', '丁']);
				const total = (counts: number[]) => counts.reduce((sum, count) => sum + count, 0);
				expect(nodes).toHaveLength(4);
				expect(total(nodes.map(({ given }) => given))).toBe(total(nodes.map(({ received }) => received)));
				expect(total(ties.map(({ weight }) => weight)) + toOneself).toBe(replies.length);
			})
		);
	});
});
