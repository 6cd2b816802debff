import { parseArgs } from 'node:util';
import { openServices } from '../support/services.ts';
import { edits, updatesOf } from '../support/trace.ts';
import { attacked, killed, large, memory, replay, slowReader, typing } from './collab/measures.ts';
import type { Figures, Measure } from './collab/measures.ts';
import { Running } from './collab/running.ts';
import type { Kind } from './collab/server.ts';
import { closeSpace, machine, openSpace } from './space.ts';

/**
 * Our collaboration server beside others, one at a time and in turns: `npm run bench:collab -- [--trace file]
 * [--rounds 3] [--only typing,large]`. Everything runs on one machine; writers and readers share one process.
 */
const { values } = parseArgs({
	options: { trace: { type: 'string' }, rounds: { type: 'string', default: '3' }, only: { type: 'string' } }
});
const names: Record<Kind, string> = {
	relay: 'ws alone, keeps nothing',
	xingtan: 'Xingtan, PostgreSQL',
	xingtanTwo: 'Xingtan, two processes, PostgreSQL, Redis',
	xingtanUnlimited: 'Xingtan, PostgreSQL, no limit per connection',
	yWebsocket: '@y/websocket-server 0.1.1, LevelDB',
	hocuspocus: '@hocuspocus/server 4.7.0, PostgreSQL'
};
const servers: Kind[] = ['xingtan', 'yWebsocket', 'hocuspocus'];

let past: ReturnType<typeof updatesOf> | null = null;
const long = () => (past ??= updatesOf(edits(values.trace ?? null)));
const school = { documents: 50, writers: 5, perSecond: 2 };

interface Step {
	title: string;
	measure: () => Measure;
	servers?: Kind[];
}
const steps: Record<string, Step> = {
	typing: {
		title: '50 documents, 5 writers each, 2 characters a second each',
		measure: () => typing(school),
		servers: ['relay', ...servers, 'xingtanTwo']
	},
	cursors: {
		title: 'The same, with a cursor for each character',
		measure: () => typing({ ...school, cursors: true }),
		servers: ['relay', ...servers]
	},
	room: {
		title: 'One document, 50 writers, 1 character a second each',
		measure: () => typing({ documents: 1, writers: 50, perSecond: 1 }),
		servers: ['relay', ...servers]
	},
	large: { title: 'A document of 259,778 edits', measure: () => large(long().state) },
	replay: {
		title: 'The same edits one by one, as fast as they are taken, then kill -9',
		measure: () => replay(long().updates, long().state),
		servers: ['xingtanUnlimited', 'yWebsocket', 'hocuspocus']
	},
	memory: { title: '1,000 documents with one line each', measure: () => memory({ documents: 1_000 }) },
	slow: { title: 'One of seven stops reading, six write cursors', measure: () => slowReader },
	attack: {
		title: '30 write, 2 characters a second each; one more writes as fast as the line takes it',
		measure: () => attacked
	},
	kill: { title: 'kill -9 after 40 characters that somebody else saw', measure: () => killed }
};

console.log(machine());
const space = await openSpace(['postgres']);
if (!space.database) throw new Error('no database');
const { database } = space;
const direct = await openServices({ databaseUrl: database.appUrl });
try {
	for (const name of values.only?.split(',') ?? Object.keys(steps)) {
		const step = steps[name];
		if (!step) throw new Error(`no step ${name}; there are ${Object.keys(steps).join(', ')}`);
		await compare(step);
	}
} finally {
	await direct.close();
	await closeSpace(space);
}

/** Runs every server in each round, beginning with another one each time, and prints the medians. */
async function compare({ title, measure, servers: kinds = servers }: Step): Promise<void> {
	const found = new Map<Kind, Figures[]>(kinds.map((kind) => [kind, []]));
	for (let round = 0; round < Number(values.rounds); round++) {
		for (let turn = 0; turn < kinds.length; turn++) {
			const kind = kinds[(round + turn) % kinds.length] as Kind;
			const server = new Running(kind, database, direct);
			try {
				await server.start();
				found.get(kind)?.push(await measure()(server));
			} finally {
				await server.close();
			}
		}
	}
	const columns = Object.keys([...found.values()][0]?.[0] ?? {});
	const rows = kinds.map((kind) => [
		names[kind],
		...columns.map((column) => written(median(found.get(kind)?.map((figures) => figures[column] ?? NaN) ?? [])))
	]);
	console.log(`\n${title}; medians of ${values.rounds}\n`);
	for (const row of [['server', ...columns], columns.concat('').map(() => '---'), ...rows]) console.log(`| ${row.join(' | ')} |`);
}

function median(of: readonly number[]): number {
	return of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? NaN;
}

function written(value: number): string {
	return Number.isNaN(value) ? '–' : value.toLocaleString('en', { maximumSignificantDigits: Math.abs(value) < 100 ? 2 : 3 });
}
