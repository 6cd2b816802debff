import { setTimeout as wait } from 'node:timers/promises';
import * as Y from 'yjs';
import { Dice } from '#collab/test/histories.ts';
import { openProxy } from '#collab/test/proxy.ts';
import type { Proxy } from '#collab/test/proxy.ts';
import { Client, PollingSocket, storedDocument } from '#collab/test/support.ts';
import type { Classroom, TestPerson } from '#collab/test/support.ts';
import type { Services } from '#lib/server/services.ts';
import { jumpClock } from './clock.ts';
import type { Cluster, Node } from './cluster.ts';

/** Where a run happens: a class, and a line to the database of the test's own. */
export interface Scene {
	readonly cluster: Cluster;
	readonly classroom: Classroom;
	readonly direct: Services;
}

export interface RunOptions {
	readonly seed: number;
	readonly writers: number;
	/** How long is written, in milliseconds. */
	readonly duration: number;
	/** Whether processes and servers are killed; that takes seconds. */
	readonly kills: boolean;
}

export interface RunResult {
	readonly faults: readonly string[];
	readonly typed: number;
	readonly confirmed: number;
}

/** How long it may take until all is well again, in milliseconds. */
const patience = 60_000;
/** Characters of two code units beyond the ordinary planes, so that each is written once in the whole run. */
const firstCharacter = 0xf_0000;
const perWriter = 1_000;

/** One person at one screen, who goes on writing whatever the line does. */
class Writer {
	readonly doc = new Y.Doc();
	readonly typed: string[] = [];
	readonly deleted = new Set<string>();
	client: Client | null = null;
	/** The screen was closed without a word. */
	gone = false;
	#line: Proxy | null = null;
	#connecting: Promise<void> | null = null;
	#confirmed = 0;
	readonly #first: number;
	readonly #dice: Dice;
	readonly #connect: () => Promise<{ client: Client; line: Proxy } | null>;

	constructor(index: number, dice: Dice, connect: (doc: Y.Doc) => Promise<{ client: Client; line: Proxy } | null>) {
		this.#first = firstCharacter + index * perWriter;
		this.#dice = dice;
		this.#connect = () => connect(this.doc);
	}

	get text(): Y.Text {
		return this.doc.getText('text');
	}

	/** How many writings of this client are on disk, as it was told. */
	get confirmed(): number {
		this.#confirmed = Math.max(this.#confirmed, this.client?.durable.get(this.doc.clientID) ?? 0);
		return this.#confirmed;
	}

	get isSettled(): boolean {
		const isWhole = this.confirmed >= Y.getState(this.doc.store, this.doc.clientID);
		return this.client !== null && this.client.closes.length === 0 && this.client.provider.synced && isWhole;
	}

	/** For whoever looks into a run that failed. */
	get state(): string {
		const { client } = this;
		const line = client ? `line ${client.closes.join('+') || 'open'}${client.provider.synced ? '' : ', not in step'}` : 'no line';
		const way = Object.is(client?.provider._WS, PollingSocket) ? ' over HTTP' : '';
		const refused = client?.refused.length ? `, refused: ${client.refused.map(({ reason }) => reason).join()}` : '';
		return `${line}${way}, ${this.confirmed} of ${Y.getState(this.doc.store, this.doc.clientID)} confirmed${refused}`;
	}

	/** Comes back whenever the line is lost; called often. */
	stayConnected(): void {
		if (this.gone || this.#connecting || (this.client && this.client.closes.length === 0)) return;
		this.#connecting = this.#connect()
			.then((connected) => {
				this.#leave();
				this.client = connected?.client ?? null;
				this.#line = connected?.line ?? null;
			})
			.catch(() => undefined)
			.finally(() => (this.#connecting = null));
	}

	edit(): void {
		const dice = this.#dice;
		const own = this.typed.filter((character) => !this.deleted.has(character));
		if (own.length > 4 && dice.chance(0.08)) {
			const character = dice.of(own);
			const at = this.text.toString().indexOf(character);
			if (at < 0) throw new Error('a character of one’s own is not in one’s own copy');
			this.text.delete(at, 2);
			this.deleted.add(character);
		} else if (this.typed.length < perWriter) {
			const character = String.fromCodePoint(this.#first + this.typed.length);
			this.typed.push(character);
			this.text.insert(2 * dice.upTo(this.text.length / 2 + 1), character);
		}
	}

	cut(): void {
		this.#line?.cut();
	}

	/** The line goes silent, and the writer comes back by another; what was on its way may arrive after that. */
	loseInSilence(delay: number): void {
		const [client, line] = [this.client, this.#line];
		if (!client || !line) return;
		void this.confirmed;
		line.hold();
		this.client = this.#line = null;
		// What is typed last before the loss is noticed.
		this.edit();
		client.provider.destroy();
		setTimeout(() => {
			line.release();
			setTimeout(() => line.close(), 200);
		}, delay);
	}

	end(): void {
		this.gone = true;
		this.#leave();
	}

	#leave(): void {
		void this.confirmed;
		this.client?.provider.destroy();
		this.#line?.close();
		this.client = this.#line = null;
	}
}

/**
 * Several people write one document at several processes while lines, processes and servers fail. Throws when a
 * confirmed character is lost, a character is there twice, or copies differ in the end.
 */
export async function runFaults({ cluster, classroom, direct }: Scene, options: RunOptions): Promise<RunResult> {
	const { seed, duration } = options;
	const dice = new Dice(seed);
	const documentId = await classroom.document();
	const people = [classroom.teacher, ...classroom.students];
	const writers: Writer[] = [];
	const faults: string[] = [];
	/** What was begun and has its end later. */
	const under: Promise<unknown>[] = [];

	async function connect(person: TestPerson, doc: Y.Doc): Promise<{ client: Client; line: Proxy } | null> {
		const up = cluster.nodes.filter(({ url }) => url !== null);
		const node = up.length > 0 ? dice.of(up) : null;
		if (!node?.url) return null;
		const token = await classroom.token(person, documentId);
		const line = await openProxy(node.url);
		// Some sit behind a network that lets no WebSocket through.
		const Socket = dice.chance(0.2) ? PollingSocket : undefined;
		return { client: new Client(line.url.replace(/\/$/, ''), documentId, token, doc, Socket), line };
	}
	const addWriter = () => {
		const index = writers.length;
		const person = people[index % people.length] as TestPerson;
		writers.push(new Writer(index, dice, (doc) => connect(person, doc)));
	};
	const here = () => writers.filter(({ gone }) => !gone);
	const later = (after: number, work: () => Promise<unknown>) => {
		const done = wait(after).then(work);
		done.catch(() => undefined);
		under.push(done);
	};

	let restarts: Promise<unknown> = Promise.resolve();
	/** One after the other: two of the same server would be in each other's way. */
	const restart = (work: () => Promise<unknown>) => {
		restarts = restarts.then(work);
		const last = restarts;
		later(0, () => last);
	};

	/** Lines of a process, for a while. */
	function disturb(node: Node, line: 'redis' | 'database'): string {
		const [kind, length] = [dice.of(['cut', 'hold'] as const), 30 + dice.upTo(400)];
		node[line][kind]();
		later(length, () => node.mend());
		return `${line} ${kind} ${length} ms`;
	}

	function fail(): string {
		const node = dice.of(cluster.nodes);
		const writer = dice.of(here());
		const mild: (() => string)[] = [
			() => disturb(node, 'redis'),
			() => disturb(node, 'database'),
			() => (writer.cut(), 'line cut'),
			() => {
				const delay = 20 + dice.upTo(400);
				writer.loseInSilence(delay);
				// What comes late comes before anything is compared.
				later(delay + 300, async () => undefined);
				return `line silent, ${delay} ms late`;
			},
			() => {
				writer.end();
				addWriter();
				return 'screen closed';
			},
			() => {
				const jump = (dice.upTo(2) * 2 - 1) * dice.upTo(86_400_000);
				jumpClock(jump);
				return `clients’ clocks ${jump} ms`;
			},
			() => {
				restart(() => cluster.restartRedis());
				return 'Redis restarted';
			}
		];
		const severe: (() => string)[] = [
			() => {
				restart(() => node.kill().then(() => node.serve()));
				return 'process killed';
			},
			() => {
				const { restartDatabase } = cluster;
				if (restartDatabase) restart(restartDatabase);
				return restartDatabase ? 'database killed' : 'nothing';
			}
		];
		return dice.of(options.kills && dice.chance(0.4) ? severe : mild)();
	}

	/** What anybody was told is on disk is on disk. */
	async function audit(): Promise<void> {
		const told = writers.map(({ doc, confirmed }) => [doc.clientID, confirmed] as const);
		const stored = await storedDocument(direct, documentId).catch(() => null);
		if (!stored) return;
		for (const [client, confirmed] of told) {
			const kept = Y.getState(stored.store, client);
			if (kept < confirmed) throw new Error(`${confirmed} confirmed, ${kept} on disk`);
		}
	}

	for (let count = 0; count < options.writers; count++) addWriter();
	const connecting = setInterval(() => here().forEach((writer) => writer.stayConnected()), 20);
	try {
		here().forEach((writer) => writer.stayConnected());
		await until(
			() => here().every(({ isSettled }) => isSettled),
			() => 'nobody could begin'
		);
		const end = performance.now() + duration;
		// A screen sends at most 60 messages a second for long.
		const pause = Math.max(4, Math.ceil(1_000 / (40 * options.writers)));
		for (let left = 1 + dice.upTo(2 + duration / 250); performance.now() < end;) {
			for (let edits = Math.ceil(options.writers / 8); edits > 0; edits--) dice.of(here()).edit();
			if (left > 0 && dice.chance((2 * left * pause) / duration)) {
				left--;
				faults.push(fail());
				if (dice.chance(0.3)) later(dice.upTo(200), audit);
			}
			await wait(pause);
		}
		await audit();
		await Promise.all(under);
		jumpClock(0);
		for (const node of cluster.nodes) {
			await node.mend();
			// Without a database it could not start.
			for (let tries = 0; node.url === null && tries < 20; tries++) await node.serve();
		}
		await until(
			() => here().every(({ isSettled }) => isSettled),
			() =>
				`not all are confirmed: ${here()
					.map((writer) => writer.state)
					.join('; ')}`
		);
		const final = await agreed();
		await agreeEverywhere(final);
		for (const writer of writers) check(writer, final);
		const foreign = [...final].length - new Set(final).size;
		if (foreign > 0) throw new Error(`${foreign} characters are there twice`);
	} catch (error) {
		throw new Error(`seed ${seed}, ${options.writers} writers, after: ${faults.join('; ')}`, { cause: error });
	} finally {
		clearInterval(connecting);
		await Promise.allSettled(under);
		jumpClock(0);
		for (const writer of writers) writer.end();
	}
	const sum = (count: (writer: Writer) => number) => writers.reduce((total, writer) => total + count(writer), 0);
	return { faults, typed: sum(({ typed }) => typed.length), confirmed: sum(({ confirmed }) => confirmed / 2) };

	/** The text of the log, once it is that of every copy: what was deleted last is confirmed to nobody by number. */
	async function agreed(): Promise<string> {
		for (const end = performance.now() + patience; ; await wait(20)) {
			// A machine that is busy beyond measure may let this reading wait too long, which says nothing of the copies.
			const reading = await Promise.allSettled([storedDocument(direct, documentId)]);
			if (reading[0].status === 'rejected') {
				if (performance.now() > end) throw reading[0].reason;
				continue;
			}
			const stored = reading[0].value.getText('text').toString();
			const others = here().filter(({ text }) => text.toString() !== stored);
			if (others.length === 0) return stored;
			if (performance.now() > end) throw new Error(`the copies differ: ${others.map(({ state }) => state).join('; ')}`);
		}
	}

	/** A newcomer at each process is shown the same. */
	async function agreeEverywhere(text: string): Promise<void> {
		for (const node of cluster.nodes) {
			if (!node.url) throw new Error('a process did not start again');
			for (const end = performance.now() + patience; ;) {
				const newcomer = new Client(node.url, documentId, await classroom.token(classroom.teacher, documentId));
				const isShown = () => newcomer.text.toString() === text;
				await newcomer.until(() => isShown() || newcomer.closes.length > 0, patience).finally(() => newcomer.destroy());
				if (isShown()) break;
				// Somebody whose line is closed, as at a process that is too busy to ask the database, comes again.
				if (performance.now() > end) throw new Error(`a newcomer was closed out: ${newcomer.closes.join()}`);
			}
		}
	}
}

/** Of what a writer wrote, all is there that was confirmed, and of one who stayed, all. */
function check({ typed, deleted, confirmed, gone }: Writer, text: string): void {
	const sure = gone ? confirmed / 2 : typed.length;
	for (const [index, character] of typed.entries()) {
		const isThere = text.includes(character);
		if (deleted.has(character)) {
			if (isThere && !gone) throw new Error(`character ${index} was deleted and is there`);
		} else if (!isThere && index < sure) throw new Error(`character ${index} of ${typed.length} is lost, ${sure} were confirmed`);
	}
}

async function until(isTrue: () => boolean, otherwise: () => string): Promise<void> {
	for (const end = performance.now() + patience; !isTrue(); await wait(5)) {
		if (performance.now() > end) throw new Error(otherwise());
	}
}
