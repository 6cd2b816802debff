import { m } from '#lib/i18n/generated/messages.js';
import { Refused } from './client.ts';

/** What the server said, or that it could not be asked. */
export const sentenceOf = (error: unknown): string => (error instanceof Refused ? error.message : m['error.offline']());

/** Does what a page asks of the server, and keeps the sentence for what failed last; made in the page. */
export class Acts {
	/** Empty when the last act was done. */
	trouble = $state('');
	/** Acts that the server has not answered yet. */
	pending = $state(0);

	/** Whether it was done. */
	protected async do(act: () => Promise<unknown>): Promise<boolean> {
		this.pending++;
		try {
			await act();
			this.trouble = '';
			return true;
		} catch (error) {
			this.trouble = sentenceOf(error);
			return false;
		} finally {
			this.pending--;
		}
	}
}
