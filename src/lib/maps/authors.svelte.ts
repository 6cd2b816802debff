import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import type { Doc } from 'yjs';
import { call, client } from '#lib/ui/client.ts';
import { nodesOf } from './document.ts';
import { authorColors } from './palette.ts';
import { writersOf } from './writers.ts';

/** Somebody who wrote in the map, and in how many nodes. */
export interface MapAuthor {
	readonly id: string;
	readonly name: string | null;
	readonly color: string;
	readonly nodes: number;
}

interface Shared {
	readonly documentId: string;
	readonly doc: Doc;
	readonly awareness: Awareness;
}

/** Who wrote which node of a map: whoever has the most characters in it, else whoever made it. */
export class Authors {
	shown = $state(false);
	list = $state.raw<MapAuthor[]>([]);
	failed = $state(false);

	readonly #shared: Shared;
	#persons = new Map<number, string>();
	readonly #names = new Map<string, string | null>();
	#nodes = $state.raw<ReadonlyMap<string, string>>(new Map());
	#colors = $derived(new Map(this.list.map(({ id, color }) => [id, color])));
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(shared: Shared) {
		this.#shared = shared;
	}

	async toggle(): Promise<void> {
		this.shown = !this.shown;
		this.#shared.doc.off('update', this.#onUpdate);
		if (!this.shown) return;
		await this.#load();
		this.#shared.doc.on('update', this.#onUpdate);
		this.#count();
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#shared.doc.off('update', this.#onUpdate);
	}

	colorOf(id: string): string | null {
		return this.#colors.get(this.#nodes.get(id) ?? '') ?? null;
	}
	nameOf(id: string): string | null {
		return this.#names.get(this.#nodes.get(id) ?? '') ?? null;
	}

	async #load(): Promise<void> {
		try {
			const { clients, people } = await call(
				client.documents[':documentId'].authors.$get({ param: { documentId: this.#shared.documentId } })
			);
			this.#persons = new Map(clients.map(({ client, personId }) => [client, personId]));
			for (const { id, name } of people) this.#names.set(id, name);
			this.failed = false;
		} catch {
			this.failed = true;
		}
	}

	readonly #onUpdate = () => {
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			this.#count();
		}, 300);
	};

	#personOf(clientId: number): string {
		const known = this.#persons.get(clientId);
		if (known !== undefined) return known;
		// Who has come since is known by what the server says of those who are here.
		const user = this.#shared.awareness.getStates().get(clientId)?.user as { id?: unknown; name?: unknown } | undefined;
		if (typeof user?.id !== 'string') return '';
		this.#persons.set(clientId, user.id);
		if (!this.#names.has(user.id)) this.#names.set(user.id, typeof user.name === 'string' ? user.name : null);
		return user.id;
	}

	#count(): void {
		const nodes = new Map<string, string>();
		const counts = new Map<string, number>();
		for (const [id, clients] of writersIn(this.#shared.doc)) {
			const written = new Map<string, number>();
			for (const [client, characters] of clients) {
				const person = this.#personOf(client);
				written.set(person, (written.get(person) ?? 0) + characters);
			}
			const [person] = [...written].sort(([, one], [, other]) => other - one)[0] ?? [''];
			nodes.set(id, person);
			counts.set(person, (counts.get(person) ?? 0) + 1);
		}
		// A colour stays with its person: people stand by when they came.
		const order = [...this.#names.keys()];
		this.#nodes = nodes;
		this.list = [...counts]
			.map(([id, nodes]) => ({
				id,
				name: this.#names.get(id) ?? null,
				color: authorColors[Math.max(0, order.indexOf(id)) % authorColors.length]!,
				nodes
			}))
			.sort((one, other) => other.nodes - one.nodes);
	}
}

/** By node: how many characters each Yjs client id has in it; who made it counts for a tenth of one. */
export function* writersIn(doc: Doc): Generator<[id: string, clients: ReadonlyMap<number, number>]> {
	for (const [id, node] of nodesOf(doc)) {
		if (!(node instanceof Y.Map)) continue;
		const clients = writersOf(node);
		const maker = node._item?.id.client;
		if (maker !== undefined) clients.set(maker, (clients.get(maker) ?? 0) + 0.1);
		yield [id, clients];
	}
}
