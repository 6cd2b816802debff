import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Services } from '#lib/server/services.ts';

/** Failures of one account from one place before that pair waits. */
const pairFailures = 5;
const pairPause = 15 * 60;
/** Failures of one account from anywhere before addresses that are new to it wait. */
const accountFailures = 20;
const accountWindow = 60 * 60;
/** A code of an app is right for three steps of 30 seconds, so it is remembered longer than that. */
const codeMemory = 120;

/** From where a try comes: a device that the account knows has an allowance of its own, others share that of their address. */
export interface TryFrom {
	device: string | null;
	address: string | null;
}

export interface SignInLimits {
	/**
	 * Takes one try before the password is looked at, so that tries at the same moment count too. Answers how
	 * many seconds to wait, 0 when the try may go on. `known` tells whether the account signed in from this
	 * place lately: then only its own pair counts. An address alone is never limited: a school is one address.
	 */
	take(account: string, from: TryFrom, known: () => Promise<boolean>): Promise<number>;
	/** Gives a try back that turned out to be right. */
	giveBack(account: string, from: TryFrom): Promise<void>;
	/** Takes a code of the second factor, which is looked at once; false when it was taken before. */
	takeCode(account: string, code: string): Promise<boolean>;
}

/** Counts in PostgreSQL for every process together; while it is away each process counts by itself. */
function createLimits({ database }: Pick<Services, 'database'>): SignInLimits {
	const counter = (keyPrefix: string, points: number, duration: number) =>
		new RateLimiterPostgres({
			storeClient: database.pool,
			storeType: 'pool',
			tableName: 'limits',
			tableCreated: true,
			clearExpiredByTimeout: true,
			keyPrefix,
			points,
			duration,
			blockDuration: duration,
			insuranceLimiter: new RateLimiterMemory({ keyPrefix, points, duration, blockDuration: duration })
		});
	const pairs = counter('pair', pairFailures, pairPause);
	const all = counter('account', accountFailures, accountWindow);
	const codes = counter('code', 1, codeMemory);

	return {
		async take(account, from, known) {
			const pairWait = await waitOf(pairs.consume(pairKey(account, from)));
			if (pairWait > 0) return pairWait;
			const wait = await waitOf(all.consume(hidden(account)));
			return wait > 0 && !(await known()) ? wait : 0;
		},
		async giveBack(account, from) {
			await pairs.delete(pairKey(account, from));
			await all.reward(hidden(account), 1);
		},
		async takeCode(account, code) {
			return (await waitOf(codes.consume(hidden(`${account}\n${code}`)))) === 0;
		}
	};
}

const made = new WeakMap<Services['database'], SignInLimits>();

/** The limits of a process, which count on its database. */
export function signInLimits(services: Pick<Services, 'database'>): SignInLimits {
	const limits = made.get(services.database) ?? createLimits(services);
	made.set(services.database, limits);
	return limits;
}

async function waitOf(consumed: Promise<RateLimiterRes>): Promise<number> {
	try {
		await consumed;
		return 0;
	} catch (refused) {
		if (refused instanceof RateLimiterRes) return Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
		throw refused;
	}
}

/** The counters hold no names, numbers or addresses. */
const hidden = (text: string) => createHash('sha256').update(text).digest('base64url');
const pairKey = (account: string, { device, address }: TryFrom) =>
	hidden(device === null ? `${account}\n${networkOf(address ?? '')}` : `${account}\ndevice\n${device}`);

/** One household has a whole /64 of IPv6 addresses, which count as one. */
export function networkOf(address: string): string {
	if (!isIPv6(address)) return address;
	const [head = '', tail] = address.toLowerCase().split('::');
	const left = head.split(':').filter(Boolean);
	const right = (tail ?? '').split(':').filter(Boolean);
	const groups =
		tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
	if (address.includes('.')) return groups.at(-1) ?? address;
	return groups
		.slice(0, 4)
		.map((group) => group.replace(/^0+(?=.)/, ''))
		.join(':');
}
