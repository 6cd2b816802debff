import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Services } from '#lib/server/services.ts';

/** Accounts that one device remembers: a family has fewer, and a computer of a classroom forgets the oldest. */
const remembered = 8;
/** As long as browsers keep a cookie, in seconds. */
const age = 400 * 86_400;

const shape = /^[\w-]{22}(\.[\w-]{22}){1,8}$/;

/**
 * A browser in which accounts have signed in, as its cookie tells: a random name of the device, then for each
 * account what only this space can compute from both. It names nobody and opens nothing.
 */
export interface Device {
	/** Its name when this account has signed in there before, else null. */
	knownTo(accountId: string): string | null;
	/** The cookie that says so from now on. */
	remember(accountId: string): string;
}

/** The device that sent these headers; a cookie that is forged, broken or of another space is no cookie. */
export function deviceOf({ env }: Pick<Services, 'env'>, headers: Headers): Device {
	const secure = env.ORIGIN?.startsWith('https:') ?? false;
	const name = `${secure ? '__Secure-' : ''}space.device`;
	const [id, ...marks] = readCookie(headers, name)?.split('.') ?? [];
	const markOf = (device: string, accountId: string) =>
		createHmac('sha256', env.SPACE_SECRET).update(`device\n${device}\n${accountId}`).digest().subarray(0, 16);
	const isMarkOf = (mark: string, device: string, accountId: string) => {
		const given = Buffer.from(mark, 'base64url');
		const right = markOf(device, accountId);
		return given.length === right.length && timingSafeEqual(given, right);
	};

	return {
		knownTo: (accountId) => (id && marks.some((mark) => isMarkOf(mark, id, accountId)) ? id : null),
		remember(accountId) {
			const device = id ?? randomBytes(16).toString('base64url');
			const others = marks.filter((mark) => !isMarkOf(mark, device, accountId));
			const all = [markOf(device, accountId).toString('base64url'), ...others].slice(0, remembered);
			return `${name}=${[device, ...all].join('.')}; Max-Age=${age}; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
		}
	};
}

function readCookie(headers: Headers, name: string): string | undefined {
	const found = headers
		.get('cookie')
		?.split(';')
		.map((part) => part.trim())
		.find((part) => part.startsWith(`${name}=`));
	const value = found?.slice(name.length + 1);
	return value && shape.test(value) ? value : undefined;
}
