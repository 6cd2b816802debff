import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openProxy } from '#collab/test/proxy.ts';
import type { Proxy } from '#collab/test/proxy.ts';
import { root } from '../../bin/servers/settings.ts';

/** What two or more processes serve documents with, and what of it may fail. */
export interface Cluster {
	readonly nodes: readonly Node[];
	/** Ends Redis without warning and starts it again. */
	restartRedis(): Promise<void>;
	/** The same for PostgreSQL, where it is not shared with others. */
	restartDatabase?(): Promise<void>;
}

/** A collaboration server in a process of its own, whose lines can be held up and cut. */
export class Node {
	readonly redis: Proxy;
	readonly database: Proxy;
	/** ws://…; null while it is down. */
	url: string | null = null;
	#child: ChildProcess | null = null;
	#starting: Promise<void> | null = null;

	private constructor(redis: Proxy, database: Proxy) {
		this.redis = redis;
		this.database = database;
	}

	static async start(databaseUrl: string, redisUrl: string): Promise<Node> {
		const node = new Node(await openProxy(redisUrl), await openProxy(databaseUrl));
		await node.serve();
		return node;
	}

	/** Starts the process, unless it runs. */
	async serve(): Promise<void> {
		if (this.url === null) this.#starting ??= this.#serve().finally(() => (this.#starting = null));
		await this.#starting;
	}

	/** kill -9. */
	async kill(): Promise<void> {
		await this.#starting;
		const child = this.#child;
		this.url = null;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const ended = once(child, 'exit');
		child.kill('SIGKILL');
		await ended;
	}

	/** Makes its lines whole. */
	async mend(): Promise<void> {
		for (const line of [this.redis, this.database]) {
			line.release();
			await line.mend();
		}
	}

	async close(): Promise<void> {
		await this.kill();
		this.redis.close();
		this.database.close();
	}

	async #serve(): Promise<void> {
		const args = [join(root, 'collab-server/test/serve.ts'), this.database.url, this.redis.url];
		const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
		this.#child = child;
		const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => [null])])) as [Buffer | null];
		this.url = line?.toString().trim() ?? null;
	}
}
