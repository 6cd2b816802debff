import { describe, expect, it } from 'vitest';
import { anEvent, anUtterance } from '#tests/support/events.ts';
import { figuresOf } from './report.ts';

const session = { from: 0, to: 600_000 };
const firstMinute = { from: 0, to: 60_000 };
const lesson = [
	anEvent({ verb: 'joined', actorId: '李同学', start: 0 }),
	anEvent({ verb: 'joined', actorId: '王老师', role: 'teacher', start: 1_000 }),
	anEvent({ verb: 'joined', actorId: '周同学', start: 2_000 }),
	{ ...anUtterance('王老师', 10_000, 40_000), role: 'teacher' as const },
	anUtterance('李同学', 41_000, 51_000),
	anEvent({ verb: 'posted', actorId: '李同学', start: 52_000, amount: 9 }),
	anEvent({ verb: 'replied', actorId: '周同学', targetId: '赵同学', start: 90_000, amount: 4 }),
	anEvent({ verb: 'mapped', actorId: '周同学', documentId: 'map', start: 95_000, amount: 2 })
];

describe('the figures of a room', () => {
	it('are of the window alone, while the timeline shows the whole session', () => {
		const figures = figuresOf(lesson, session, firstMinute);
		expect(figures.lanes.find(({ personId }) => personId === '周同学')?.chat).toEqual([90_000]);
		expect(figures.people.find(({ id }) => id === '周同学')).toMatchObject({ here: true, messages: 0, nodes: 0 });
		expect(figures.replies.ties).toEqual([]);
		expect(figuresOf(lesson, session, session).replies.ties).toMatchObject([{ from: '周同学', to: '赵同学' }]);
	});

	it('list teachers first, then people in the order in which they came, then those only spoken to', () => {
		const names = figuresOf(lesson, session, session).people.map(({ id }) => id);
		expect(names).toEqual(['王老师', '李同学', '周同学', '赵同学']);
	});

	it('spread equality over those who were there, also when they did nothing, with and without teachers', () => {
		const talk = figuresOf(lesson, session, firstMinute).equality.find(({ measure }) => measure === 'talk');
		expect(talk?.everyone).toMatchObject({ people: 3, total: 40_000 });
		expect(talk?.learners).toMatchObject({ people: 2, total: 10_000, corrected: 1 });
	});

	it('are defined when nothing happened', () => {
		const figures = figuresOf([], session, session);
		expect(figures).toMatchObject({ events: 0, people: [], lanes: [], documents: [], speaking: { talk: 0, silence: 600_000 } });
		expect(figures.replies).toMatchObject({ density: null, reciprocity: null });
	});

	it('of two hours, sixty people and 20,000 events are there within three seconds', () => {
		const people = Array.from({ length: 60 }, (_, index) => `p${index}`);
		const many = Array.from({ length: 20_000 }, (_, index) => {
			const actorId = people[(index * 7) % 60] ?? 'p0';
			const start = index * 360;
			if (index % 3 === 0) return anUtterance(actorId, start, start + 2_500);
			if (index % 3 === 1) return anEvent({ verb: 'replied', actorId, targetId: people[index % 60] ?? null, start });
			return anEvent({
				verb: 'edited',
				actorId,
				documentId: 'text',
				start,
				end: start + 9_000,
				inserted: 20,
				deleted: { p1: 2 }
			});
		});
		const began = performance.now();
		figuresOf(many, { from: 0, to: 7_200_000 }, { from: 0, to: 7_200_000 }, ['chat', 'speech', 'doc']);
		expect(performance.now() - began).toBeLessThan(3_000);
	});
});
