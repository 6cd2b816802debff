import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../bin/servers/ports.ts';
import { prepareRedis, startRedis } from '../../../bin/servers/redis.ts';
import type { Redis } from '../../../bin/servers/redis.ts';
import { makeClassroom } from '#collab/test/support.ts';
import type { Classroom } from '#collab/test/support.ts';
import { subprotocol } from '#lib/documents/model.ts';
import type { SpaceDatabase } from '../../../bin/servers/databases.ts';
import type { TestServices } from '../../support/services.ts';
import type { Line } from './client.ts';
import type { Kind, Usage } from './server.ts';

/** How one more line to a document is opened; each is somebody's. */
export type Shared = () => Promise<Line>;

const program = fileURLToPath(new URL('server.ts', import.meta.url));
/** Documents that a class shares; few enough that nobody opens more than a person may. */
const documentsPerClass = 5;

/** One of the servers, running, as one process or two, and the documents that are made on it. */
export class Running {
	readonly kind: Kind;
	readonly #database: SpaceDatabase;
	readonly #services: TestServices;
	readonly #folder = mkdtempSync(join(tmpdir(), 'space-bench-'));
	readonly #label = Math.random().toString(36).slice(2);
	#children: ChildProcess[] = [];
	#ports: number[] = [];
	#redis: Redis | null = null;
	#documents = 0;
	#classroom: Classroom | null = null;

	constructor(kind: Kind, database: SpaceDatabase, services: TestServices) {
		this.kind = kind;
		this.#database = database;
		this.#services = services;
	}

	/** Returns the milliseconds that it took. */
	async start(): Promise<number> {
		const begun = performance.now();
		const { appUrl, ownerUrl } = this.#database;
		// What the others print is not ours to show.
		if (this.kind === 'xingtanTwo') this.#redis ??= await openRedis(this.#folder);
		const args = [this.kind, appUrl, ownerUrl, this.#folder, this.#redis?.url ?? ''];
		this.#children = Array.from({ length: this.#redis ? 2 : 1 }, () =>
			fork(program, args, { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
		);
		this.#ports = (await this.#said<{ port: number }>()).map(({ port }) => port);
		return performance.now() - begun;
	}

	async usage(): Promise<Usage> {
		for (const child of this.#children) child.send('usage');
		const used = await this.#said<Usage>();
		const sum = (of: keyof Usage) => used.reduce((total, one) => total + one[of], 0);
		return { cpu: sum('cpu'), heap: sum('heap'), rss: sum('rss') };
	}

	/** As when the power goes; what is on disk stays. */
	async kill(): Promise<void> {
		const children = this.#children;
		this.#children = [];
		for (const child of children) child.kill('SIGKILL');
		await Promise.all(children.map((child) => once(child, 'exit')));
	}

	async close(): Promise<void> {
		await this.kill();
		await this.#redis?.stop();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async document(): Promise<Shared> {
		const name = `${this.#label}-${this.#documents}`;
		if (!this.kind.startsWith('xingtan')) {
			this.#documents++;
			if (this.kind === 'hocuspocus') return async () => ({ url: `ws://127.0.0.1:${this.#ports[0]}`, name });
			return async () => ({ url: `ws://127.0.0.1:${this.#ports[0]}/${name}` });
		}
		if (!this.#classroom || this.#documents % documentsPerClass === 0) this.#classroom = await makeClassroom(this.#services);
		const classroom = this.#classroom;
		this.#documents++;
		const id = await classroom.document();
		const people = [classroom.teacher, ...classroom.students];
		let lines = 0;
		return async () => {
			const port = this.#ports[lines % this.#ports.length];
			const person = people[lines++ % people.length] ?? classroom.teacher;
			const token = await classroom.token(person, id);
			return { url: `ws://127.0.0.1:${port}/collab/${id}`, protocols: [subprotocol, token] };
		};
	}

	/** What each process says next. */
	#said<Message>(): Promise<Message[]> {
		if (this.#children.length === 0) throw new Error('the server does not run');
		const said = (child: ChildProcess) =>
			new Promise<Message>((resolve, reject) => {
				const ended = () => reject(new Error(`${this.kind} ended by itself`));
				child.once('exit', ended);
				child.once('message', (message) => {
					child.off('exit', ended);
					resolve(message as Message);
				});
			});
		return Promise.all(this.#children.map(said));
	}
}

async function openRedis(folder: string): Promise<Redis> {
	const tool = await prepareRedis(join(folder, 'apt.log'));
	if ('missing' in tool) throw new Error(tool.missing);
	const log = { info: () => undefined, warn: (line: string) => console.error(line) };
	return startRedis({
		program: tool.path,
		folder,
		port: await freePort(),
		logFile: join(folder, 'redis.log'),
		log,
		restart: false
	});
}
