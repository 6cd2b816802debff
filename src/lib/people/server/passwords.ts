import { hash, verify } from '@node-rs/argon2';
import { Unavailable } from '#lib/server/errors.ts';

/** OWASP's setting for argon2id, the library's own kind: 19 MiB, two passes, one lane; about 17 ms of one core. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes that run at the same time; more would only take the cores from everybody else. */
const atOnce = 2;
/** Hashes that wait; with more the space is under attack, and refusing is kinder than a wait of minutes. */
const waitingAtMost = 1_000;

export interface Passwords {
	hash(password: string): Promise<string>;
	verify(answer: { hash: string; password: string }): Promise<boolean>;
}

/** Hashes passwords, a few at a time, in the order in which they were asked. */
export function createPasswords(): Passwords {
	const waiting: (() => void)[] = [];
	let running = 0;

	async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
		if (waiting.length >= waitingAtMost) throw new Unavailable('people.busy');
		if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
		else running++;
		try {
			return await work();
		} finally {
			// The turn goes straight to the next in line, so that nobody slips in between.
			const next = waiting.shift();
			if (next) next();
			else running--;
		}
	}

	return {
		hash: (password) => inTurn(() => hash(password.normalize('NFKC'), cost)),
		verify: ({ hash, password }) => inTurn(() => verify(hash, password.normalize('NFKC')))
	};
}
