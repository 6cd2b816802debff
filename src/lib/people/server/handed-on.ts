import { isAPIError } from 'better-auth/api';
import type { Context } from '#lib/server/context.ts';
import { addressHeader } from './auth.ts';

/** What of a request better-auth needs: cookies, browser, and the address as the space itself knows it. */
export function handedOn(ctx: Context, headers: Headers): Headers {
	const handed = new Headers();
	for (const name of ['cookie', 'user-agent']) {
		const value = headers.get(name);
		if (value) handed.set(name, value.slice(0, 4_096));
	}
	if (ctx.address) handed.set(addressHeader, ctx.address);
	return handed;
}

/** Whether better-auth refused, as against failed. */
export const isRefusal = (thrown: unknown): boolean => isAPIError(thrown) && thrown.statusCode < 500;
