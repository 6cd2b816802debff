import type * as Y from 'yjs';
import { Authorship, movedText } from './authorship.ts';
import type { MovedText } from './authorship.ts';
import { changedText } from './moved.ts';
import type { Piece } from './moved.ts';
import type { DocumentAuthors } from './model.ts';

/** How long the server is not asked again about a client id that it did not know, in milliseconds. */
const patience = 3_000;
/** Any client may write that somebody who does not exist suggests something: how often one is asked about, and how many are. */
const mostQuestions = 4;
const mostStrangers = 50;

/**
 * Who wrote what in an open document, as the server knows it. A client id that is not known yet is asked about; text
 * that is moved meanwhile stays its author's.
 */
export class Authors {
	readonly #doc: Y.Doc;
	readonly #ask: () => Promise<DocumentAuthors>;
	readonly #changed: () => void;
	#told: DocumentAuthors = { people: [], clients: [], moved: [] };
	#moved: MovedText[] = [];
	#authorship = new Authorship();
	#names = new Map<string, string | null>();
	/** Who was not known, and how often that was asked. */
	readonly #strangers = new Map<string, number>();
	#askedAt = 0;
	#next: ReturnType<typeof setTimeout> | undefined;
	#closed = false;

	constructor(doc: Y.Doc, ask: () => Promise<DocumentAuthors>, changed: () => void) {
		this.#doc = doc;
		this.#ask = ask;
		this.#changed = changed;
		doc.on('afterTransaction', this.#note);
		void this.#read();
	}

	close(): void {
		this.#closed = true;
		clearTimeout(this.#next);
		this.#doc.off('afterTransaction', this.#note);
	}

	get people(): DocumentAuthors['people'] {
		return this.#told.people;
	}

	/** The place of a person among the authors, by which colours are given; -1 for nobody known. */
	placeOf(personId: string): number {
		return this.#told.people.findIndex(({ id }) => id === personId);
	}

	/** Null for who is not known, or not to be known by name. Whoever came meanwhile is asked about. */
	nameOf(personId: string): string | null {
		const name = this.#names.get(personId);
		const asked = this.#strangers.get(personId) ?? 0;
		if (name === undefined && personId !== '' && asked < mostQuestions && this.#strangers.size < mostStrangers) {
			this.#strangers.set(personId, asked + 1);
			this.#askAgain();
		}
		return name ?? null;
	}

	/** The authors of a piece of text, in its order; `''` where nobody is known yet. */
	of(piece: Piece): { length: number; personId: string }[] {
		const authors = this.#authorship.of(piece);
		if (authors.some(({ personId }) => personId === '')) this.#askAgain();
		return authors;
	}

	readonly #note = (transaction: Y.Transaction) => {
		const moved = changedText(transaction).moves.flatMap((move) => movedText(move, this.#authorship));
		this.#moved.push(...moved);
		this.#authorship.keep(moved);
	};

	#askAgain(): void {
		if (this.#next || this.#closed) return;
		this.#next = setTimeout(() => void this.#read(), Math.max(200, this.#askedAt + patience - Date.now()));
	}

	async #read(): Promise<void> {
		this.#askedAt = Date.now();
		const told = await this.#ask().catch(() => null);
		this.#next = undefined;
		if (this.#closed || !told) return;
		this.#told = told;
		this.#names = new Map(told.people.map(({ id, name }) => [id, name]));
		this.#authorship = new Authorship(
			told.clients.map(({ client, personId }) => [client, personId]),
			[...told.moved, ...this.#moved]
		);
		this.#changed();
	}
}
