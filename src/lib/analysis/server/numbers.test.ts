import { pino } from 'pino';
import { render } from 'svelte/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documents } from '#lib/documents/server/table.ts';
import { newId } from '#lib/ids.ts';
import type { DocumentId, PersonId, RoomId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { record } from '#lib/records/server/index.ts';
import type { Act } from '#lib/records/server/index.ts';
import { rooms, sessions } from '#lib/rooms/server/table.ts';
import { requestContext, systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { openDatabase } from '#lib/server/db.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import { insertSpace } from '#lib/spaces/server/index.ts';
import { createDatabase } from '#tests/support/servers.ts';
import { countOf, durationInWords, durationOnClock, figure as decimals, percent } from '../format.ts';
import type { EventRow, ListEvents, Measure, Report } from '../model.ts';
import RoomAnalysis from '../RoomAnalysis.svelte';
import { analyseRoom, listEvents } from './index.ts';

const eight = Date.parse('2026-11-24T08:00:00.000Z');
const at = (seconds: number) => new Date(eight + seconds * 1000);

let services: Services;
let ctx: Context;
let roomId: RoomId;
const everybody = Array.from({ length: 5 }, () => newId<'person'>());
const [teacher, ...students] = everybody as [PersonId, ...PersonId[]];

/** The same numbers at each run, in whole seconds. */
let state = 7;
const upTo = (limit: number) => {
	state = (state * 48_271) % 2_147_483_647;
	return state % limit;
};
const one = <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item;

beforeAll(async () => {
	const { appUrl } = await createDatabase();
	const log = pino({ level: 'silent' });
	services = { database: openDatabase(appUrl, log, 4), log, now: () => at(700) } as Services;
	await transaction(systemContext(services), async (system) => {
		const region = await insertSpace(system, { parent: null, kind: 'region', name: '青浦区' });
		const school = await insertSpace(system, { parent: region, kind: 'school', name: '实验小学' });
		const space = await insertSpace(system, { parent: school, kind: 'class', name: '五（2）班' });
		await system.db
			.insert(people)
			.values(everybody.map((id, index) => ({ id, name: `同学${index}`, number: `n${index}`, homePath: school.path })));
		const place = { spacePath: space.path };
		const [room] = await system.db
			.insert(rooms)
			.values([{ ...place, spaceId: space.id, kind: 'lesson', title: '科学课' }])
			.returning();
		roomId = room!.id;
		const [session] = await system.db
			.insert(sessions)
			.values([{ ...place, roomId, startedAt: at(0), endedAt: at(600) }])
			.returning();
		const made = await system.db
			.insert(documents)
			.values([
				{ ...place, roomId, kind: 'text', title: '观察记录' },
				{ ...place, roomId, kind: 'map', title: '水的循环' }
			])
			.returning();
		const [text, map] = made.map(({ id }) => id) as [DocumentId, DocumentId];
		const act = (verb: Act['verb'], actorId: PersonId, from: number, more: Partial<Act> = {}): Act => ({
			key: newId(),
			verb,
			actorId,
			role: actorId === teacher ? 'teacher' : 'student',
			startedAt: at(from),
			endedAt: at(from),
			...place,
			roomId,
			sessionId: session!.id,
			...more
		});
		const acts = everybody.map((id, index) => act('joined', id, index));
		// The last one left before the narrow window begins.
		acts.push(act('left', everybody[4]!, 90));
		const active = everybody.slice(0, 4);
		for (let count = 0; count < 200; count += 1) {
			const [who, when] = [one(active), 5 + upTo(560)];
			const kind = upTo(6);
			if (kind < 2) acts.push(act('spoke', who, when, { endedAt: at(when + one([1, 1, 3, 8, 15])) }));
			else if (kind === 2) acts.push(act('posted', who, when, { amount: 1 + upTo(30) }));
			else if (kind === 3) acts.push(act('replied', who, when, { amount: 3, targetId: one(active) }));
			else if (kind === 4) {
				const deleted = one([{}, { [who]: 2 }, { [one(students)]: 3, [teacher]: 1 }, { '': 4 }]);
				const inserted = upTo(3) * 7;
				acts.push(act('edited', who, when, { amount: 9, documentId: text, figures: { inserted, deleted } }));
			} else
				acts.push(
					act(one(['mapped', 'moved', 'linked', 'removed'] as const), who, when, { amount: 1 + upTo(3), documentId: map })
				);
		}
		await record(system, acts);
		ctx = requestContext(services, {
			actor: {
				personId: teacher,
				accountId: teacher,
				signInId: teacher,
				name: '',
				hat: 'teacher',
				hats: ['teacher'],
				memberships: [{ spaceId: space.id, path: space.path, role: 'teacher' }],
				mustChangePassword: false
			},
			address: null,
			requestId: null
		});
	});
});
afterAll(() => services.database.close());

async function all(question: Omit<ListEvents, 'roomId'>) {
	const rows: EventRow[] = [];
	let after: string | undefined;
	for (;;) {
		const page = await listEvents(ctx, { ...question, roomId, ...(after && { after }) });
		rows.push(...page.events);
		if (!page.next) return { rows, total: page.total, sum: page.sum };
		after = page.next;
	}
}

type Stretch = { who: string; start: number; end: number };
/** What was heard of the rows, each person's pauses up to `gap` filled. */
function heard(rows: EventRow[], window: Report['window'], gap: number): Stretch[] {
	const joined: Stretch[] = [];
	for (const row of rows.filter(({ verb }) => verb === 'spoke')) {
		const start = Math.max(Date.parse(row.startedAt), Date.parse(window.from));
		const end = Math.min(Date.parse(row.endedAt), Date.parse(window.to));
		const before = joined.findLast(({ who }) => who === row.person.id);
		if (before && start - before.end <= gap) before.end = Math.max(before.end, end);
		else if (end > start) joined.push({ who: row.person.id, start, end });
	}
	return joined;
}
const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
const lengths = (stretches: Stretch[]) => stretches.map(({ start, end }) => end - start);

/** What the rows come to, counted anew from the rows alone. */
function countedIn(figure: string, rows: EventRow[], spoken: EventRow[], window: Report['window']): number {
	const turns = heard(rows, window, 1_000);
	const voices = (second: number) =>
		new Set(heard(spoken, window, 0).flatMap(({ who, start, end }) => (start <= second && second < end ? [who] : []))).size;
	const secondsWith = (fits: (voices: number) => boolean) => {
		let seconds = 0;
		for (let second = Date.parse(window.from); second < Date.parse(window.to); second += 1_000)
			seconds += Number(fits(voices(second)));
		return seconds * 1_000;
	};
	const amounts = (verb: string) => total(rows.map((row) => (row.verb === verb ? row.amount : NaN)));
	const counts: Record<string, () => number> = {
		people: () => new Set(rows.map(({ person }) => person.id)).size,
		talk: () => total(lengths(heard(rows, window, 0))),
		solo: () => secondsWith((count) => count === 1),
		overlap: () => secondsWith((count) => count > 1),
		silence: () => secondsWith((count) => count === 0),
		turns: () => turns.length,
		interruptions: () => turns.length,
		backchannels: () => turns.length,
		longest: () => (turns.length === 1 ? total(lengths(turns)) : NaN),
		messages: () => rows.filter(({ verb }) => verb === 'posted' || verb === 'replied').length,
		characters: () => total(rows.map(({ inserted }) => inserted)),
		deletedOwn: () => total(rows.map(({ deletedOwn }) => deletedOwn)),
		deletedOthers: () => total(rows.map(({ deletedOthers }) => deletedOthers)),
		nodes: () => amounts('mapped'),
		moved: () => amounts('moved'),
		linked: () => amounts('linked'),
		removed: () => amounts('removed'),
		answers: () => rows.filter(({ verb }) => verb !== 'spoke').length + turns.length,
		toOneself: () => rows.filter(({ person, target }) => person.id === target?.id).length
	};
	return counts[figure]?.() ?? NaN;
}

/** Gini with n/(n − 1), as the mean difference of all pairs. */
function gini(values: number[]): number {
	const apart = total(values.flatMap((a) => values.map((b) => Math.abs(a - b))));
	return apart / (2 * (values.length - 1) * total(values));
}

function unescaped(text: string) {
	return text.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&quot;', '"');
}

/** What the page shows and which events each opens, as the page itself has it. */
function numbersOn(html: string) {
	return [...html.matchAll(/data-events="([^"]*)" data-number="([^"]*)"/g)].map(([, filter = '', text = '']) => ({
		filter: Object.fromEntries(new URLSearchParams(unescaped(filter))) as Record<string, string>,
		text: unescaped(text)
	}));
}

const whole = { from: at(0).toISOString(), to: at(600).toISOString() };
const narrow = { from: at(120).toISOString(), to: at(400).toISOString() };

describe.each([
	{ name: 'the whole session, answers in the chat', window: whole, ties: 'chat' },
	{ name: 'a window, answers in the chat', window: narrow, ties: 'chat' },
	{ name: 'the whole session, answers of each kind', window: whole, ties: 'chat,speech,doc' },
	{ name: 'a window, answers of each kind', window: narrow, ties: 'chat,speech,doc' }
])('each number of $name', ({ window, ties }) => {
	it('is the count or the sum of the events it opens', async () => {
		const analysis = await analyseRoom(ctx, { roomId, ...window, ties });
		const report = analysis.report!;
		const nothing = () => undefined;
		const { body } = render(RoomAnalysis, {
			props: { analysis, sessions: [], busy: false, onsession: nothing, onwindow: nothing, onties: nothing }
		});
		const numbers = numbersOn(body);
		expect(numbers.length).toBeGreaterThan(60);
		expect(numbers.filter(({ filter }) => filter.most).length).toBe(report.equality.length);
		const extent = { extentFrom: report.extent.from, extentTo: report.extent.to };
		const spoken = (await all({ ...window, verbs: 'spoke' })).rows;
		const here = report.people.filter((person) => person.here);

		for (const { filter, text } of numbers) {
			const { figure = '' } = filter;
			const { rows, total: count, sum } = await all({ ...window, ...filter, ...extent } as Omit<ListEvents, 'roomId'>);
			const which = `${JSON.stringify(filter)} shows ${text}`;
			const value = countedIn(figure, rows, spoken, window);
			expect(count, which).toBe(rows.length);
			expect(count, which).toBeGreaterThan(0);
			if (figure !== 'answers' || filter.target) expect(sum, which).toBe(value);
			if (filter.person) expect(new Set(rows.map(({ person }) => person.id)), which).toEqual(new Set([filter.person]));
			if (filter.documentId)
				expect(new Set(rows.map(({ document }) => document?.id)), which).toEqual(new Set([filter.documentId]));

			if (filter.most) {
				const whole = await all({ ...window, figure, ...extent } as Omit<ListEvents, 'roomId'>);
				const ids = new Set(rows.map(({ person }) => person.id));
				const parts = here
					.map(({ id }) =>
						countedIn(
							figure,
							whole.rows.filter(({ person }) => person.id === id),
							spoken,
							window
						)
					)
					.sort((a, b) => b - a);
				expect([text, filter.most], which).toEqual([String(ids.size), String(ids.size)]);
				expect([value, value * 2 >= whole.sum!], which).toEqual([total(parts.slice(0, ids.size)), true]);
				expect(total(parts.slice(0, ids.size - 1)) * 2, which).toBeLessThan(whole.sum!);
				continue;
			}
			const shown = [countOf(value), durationInWords(value), durationOnClock(value)];
			if (text.endsWith('%') && figure !== 'answers') {
				const of = filter.person ? total(lengths(heard(spoken, window, 0))) : Date.parse(window.to) - Date.parse(window.from);
				expect(text, which).toBe(percent(value / of));
			} else if (/^\d\.\d\d$/.test(text) && figure !== 'answers') {
				const among = here.filter(({ role }) => !filter.learners || role !== 'teacher');
				const values = among.map(({ id }) =>
					countedIn(
						figure,
						rows.filter(({ person }) => person.id === id),
						spoken,
						window
					)
				);
				expect(text, which).toBe(decimals(gini(values)));
			} else if (figure === 'answers' && !filter.target) {
				if (ties !== 'chat') continue;
				const pairs = new Set(rows.map(({ person, target }) => `${person.id}>${target?.id}`));
				const back = [...pairs].filter((pair) => pairs.has(pair.split('>').toReversed().join('>'))).length;
				expect([decimals(pairs.size / (here.length * (here.length - 1))), percent(back / pairs.size)], which).toContain(text);
			} else if (figure === 'toOneself') expect(text, which).toContain(` ${value} `);
			else
				expect(
					shown.some((each) => text === each || text.startsWith(`${each} `)),
					which
				).toBe(true);
		}
	});

	it('is, on the curve, the share of those who did least', async () => {
		const report = (await analyseRoom(ctx, { roomId, ...window, ties })).report!;
		const { from: extentFrom, to: extentTo } = report.extent;
		const ask = (figure: Measure, least?: string) => all({ ...window, figure, ...(least && { least }), extentFrom, extentTo });
		const spoken = (await all({ ...window, verbs: 'spoke' })).rows;
		for (const { measure, everyone } of report.equality) {
			const whole = await ask(measure);
			for (const [people, share] of (everyone.lorenz ?? []).entries()) {
				if (people === 0) continue;
				const { rows, sum } = await ask(measure, String(people));
				const which = `the ${people} who did least of ${measure}`;
				expect(sum, which).toBe(countedIn(measure, rows, spoken, report.window));
				expect(sum! / whole.sum!, which).toBeCloseTo(share, 9);
				expect(new Set(rows.map(({ person }) => person.id)).size, which).toBeLessThanOrEqual(people);
			}
		}
	});
});
