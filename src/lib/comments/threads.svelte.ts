import { call, client } from '#lib/ui/client.ts';
import { Turns } from '#lib/ui/turns.ts';
import type { Anchor, Reply, Thread } from './model.ts';
import { told } from './naming.ts';
import type { Nameable } from './naming.ts';
import type { CommentChange } from './news.ts';

const routes = client.documents[':documentId'].comments;
const oneThread = routes[':threadId'];

/** What one says: in words, or by a proposal what should stand there. */
export interface Said {
	text: string;
	proposal?: string;
	named?: string[];
}

/** What is said about one document: read once, then kept up with what is told. */
export class Threads {
	readonly documentId: string;
	/** In the order in which they began; those in which nothing is left are not among them. */
	all = $state.raw<Thread[]>([]);
	canComment = $state(false);
	failed = $state(false);
	/** Who reads the document: whom one can name. */
	people = $state.raw<readonly Nameable[]>([]);
	#byId = new Map<string, Thread>();
	readonly #turns = new Turns();
	#closed = false;

	constructor(documentId: string) {
		this.documentId = documentId;
		void this.load();
		void this.#ask();
	}

	close(): void {
		this.#closed = true;
	}

	async #ask(): Promise<void> {
		const around = client.documents[':documentId'].around;
		const found = await call(around.$get({ param: { documentId: this.documentId } })).catch(() => null);
		if (found) this.people = told(found.people);
	}

	async load(): Promise<void> {
		try {
			const found = new Map<string, Thread>();
			let after: string | undefined;
			do {
				const query = after ? { after } : {};
				const page = await call(routes.$get({ param: { documentId: this.documentId }, query }));
				for (const thread of page.threads) found.set(thread.id, thread);
				this.canComment = page.can.comment;
				after = page.next ?? undefined;
			} while (after && !this.#closed);
			this.#byId = found;
			this.failed = false;
			this.#show();
		} catch {
			this.failed = true;
		}
	}

	/** Reads again what has changed. */
	async hear(change: CommentChange): Promise<void> {
		if (!change) return this.load();
		if (change.documentId !== this.documentId || this.#closed) return;
		this.#put(await this.#turns.take(() => call(oneThread.$get({ param: change }))).catch(() => null));
	}

	async begin(anchor: Anchor, quote: string, said: Said): Promise<Thread> {
		const { documentId } = this;
		return this.#put(
			await this.#turns.take(() => call(routes.$post({ param: { documentId }, json: { anchor, quote, ...said } })))
		);
	}

	async reply({ id }: Thread, said: Said): Promise<void> {
		this.#put(await this.#turns.take(() => call(oneThread.replies.$post({ param: this.#param(id), json: said }))));
	}

	async edit({ id }: Thread, reply: Reply, said: Said): Promise<void> {
		const param = { ...this.#param(id), replyId: reply.id };
		this.#put(
			await this.#turns.take(() =>
				call(oneThread.replies[':replyId'].$patch({ param, json: { text: said.text, named: said.named } }))
			)
		);
	}

	async remove({ id }: Thread, reply: Reply): Promise<void> {
		this.#put(
			await this.#turns.take(() =>
				call(oneThread.replies[':replyId'].$delete({ param: { ...this.#param(id), replyId: reply.id } }))
			)
		);
	}

	async resolve({ id }: Thread, resolved: boolean): Promise<void> {
		this.#put(await this.#turns.take(() => call(oneThread.$patch({ param: this.#param(id), json: { resolved } }))));
	}

	#param(threadId: string) {
		return { documentId: this.documentId, threadId };
	}

	#put<Told extends Thread | null>(thread: Told): Told {
		if (thread) {
			this.#byId.set(thread.id, thread);
			this.#show();
		}
		return thread;
	}

	#show(): void {
		this.all = [...this.#byId.values()].filter(({ replies }) => replies.some(({ deletedAt }) => deletedAt === null));
	}
}
