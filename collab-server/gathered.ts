interface Waiting<Input, Output> {
	readonly input: Input;
	readonly done: PromiseWithResolvers<Output>;
}

/** How much one piece of work takes in at most. */
const most = 200;

/**
 * Work that costs about the same for one as for many, as a question to the database does: what is asked for while one
 * piece of it is under way is done together in the next. `work` gives its results in the order of what it was given.
 */
export function gathered<Input, Output>(
	work: (inputs: readonly Input[]) => Promise<readonly Output[]>
): (input: Input) => Promise<Output> {
	let waiting: Waiting<Input, Output>[] = [];
	let running = false;

	async function run(): Promise<void> {
		running = true;
		// Whoever comes in the same turn of the event loop comes along.
		await new Promise((resolve) => setImmediate(resolve));
		while (waiting.length > 0) {
			const batch = waiting.slice(0, most);
			waiting = waiting.slice(most);
			try {
				const outputs = await work(batch.map(({ input }) => input));
				for (const [index, { done }] of batch.entries()) done.resolve(outputs[index] as Output);
			} catch (error) {
				for (const { done } of batch) done.reject(error);
			}
		}
		running = false;
	}

	return (input) => {
		const done = Promise.withResolvers<Output>();
		waiting.push({ input, done });
		if (!running) void run();
		return done.promise;
	};
}
