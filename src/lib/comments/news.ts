import { getContext, setContext } from 'svelte';

/** A thread that changed; null: any may have, as while the line was cut. */
export type CommentChange = { documentId: string; threadId: string } | null;

/** Hands what the room's live channel tells of comments to whichever document on the page it concerns. */
export class CommentNews {
	readonly #listeners = new Set<(change: CommentChange) => void>();

	on(listener: (change: CommentChange) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	tell(change: CommentChange): void {
		for (const listener of this.#listeners) listener(change);
	}
}

const key = Symbol('comment news');

/** Made in the page that has the live channel. */
export const provideCommentNews = (): CommentNews => setContext(key, new CommentNews());

/** The news of the page; undefined where none has a live channel. */
export const commentNews = (): CommentNews | undefined => getContext<CommentNews | undefined>(key);
