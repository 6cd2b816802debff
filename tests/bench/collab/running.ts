import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** One of the servers, running, and the documents that are made on it. */
export class Running {
	readonly kind: Kind;
	readonly #database: SpaceDatabase;
	readonly #services: TestServices;
	readonly #folder = mkdtempSync(join(tmpdir(), 'space-bench-'));
	readonly #label = Math.random().toString(36).slice(2);
	#child: ChildProcess | null = null;
	#port = 0;
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
		this.#child = fork(program, [this.kind, appUrl, ownerUrl, this.#folder], {
			execArgv: ['--expose-gc'],
			stdio: ['ignore', 'ignore', 'inherit', 'ipc']
		});
		this.#port = ((await this.#said()) as { port: number }).port;
		return performance.now() - begun;
	}

	async usage(): Promise<Usage> {
		this.#child?.send('usage');
		return (await this.#said()) as Usage;
	}

	/** As when the power goes; what is on disk stays. */
	async kill(): Promise<void> {
		const child = this.#child;
		if (!child) return;
		this.#child = null;
		child.kill('SIGKILL');
		await once(child, 'exit');
	}

	async close(): Promise<void> {
		await this.kill();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	async document(): Promise<Shared> {
		const name = `${this.#label}-${this.#documents}`;
		if (!this.kind.startsWith('xingtan')) {
			this.#documents++;
			if (this.kind === 'hocuspocus') return async () => ({ url: `ws://127.0.0.1:${this.#port}`, name });
			return async () => ({ url: `ws://127.0.0.1:${this.#port}/${name}` });
		}
		if (!this.#classroom || this.#documents % documentsPerClass === 0) this.#classroom = await makeClassroom(this.#services);
		const classroom = this.#classroom;
		this.#documents++;
		const id = await classroom.document();
		const people = [classroom.teacher, ...classroom.students];
		let lines = 0;
		return async () => {
			const person = people[lines++ % people.length] ?? classroom.teacher;
			const token = await classroom.token(person, id);
			return { url: `ws://127.0.0.1:${this.#port}/collab/${id}`, protocols: [subprotocol, token] };
		};
	}

	#said(): Promise<unknown> {
		const child = this.#child;
		if (!child) throw new Error('the server does not run');
		return new Promise((resolve, reject) => {
			const ended = () => reject(new Error(`${this.kind} ended by itself`));
			child.once('exit', ended);
			child.once('message', (message) => {
				child.off('exit', ended);
				resolve(message);
			});
		});
	}
}
