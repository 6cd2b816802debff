import { randomInt } from 'node:crypto';
import type { Passwords } from '#lib/people/server/index.ts';

/** Without 0, o, 1, l and i, which are misread from paper. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A random first password, easy to read out: three groups of four, 59 bits. */
export function newFirstPassword(): string {
	const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
	return `${group()}-${group()}-${group()}`;
}

export interface FirstPassword {
	password: string;
	hash: string;
}

/**
 * First passwords for these numbers with their hashes. Two are hashed at a time, so that whoever signs in
 * meanwhile waits for two hashes and not for thousands.
 */
export async function makeFirstPasswords(
	hash: Passwords['hash'],
	numbers: readonly string[]
): Promise<Map<string, FirstPassword>> {
	const made = new Map<string, FirstPassword>();
	const queue = numbers.values();
	const worker = async () => {
		for (const number of queue) {
			const password = newFirstPassword();
			made.set(number, { password, hash: await hash(password) });
		}
	};
	await Promise.all([worker(), worker()]);
	return made;
}
