/** Sends one thing after another: requests overtake one another on the way, and then the older one wins. */
export class Turns {
	#last: Promise<unknown> = Promise.resolve();

	/** Sends when all that was asked for before is answered, well or not. */
	take<Result>(send: () => Promise<Result>): Promise<Result> {
		const answer = this.#last.then(send);
		this.#last = answer.catch(() => null);
		return answer;
	}
}
