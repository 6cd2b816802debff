import { hc } from 'hono/client';
import type { ClientResponse } from 'hono/client';
import type { Api } from '#lib/server/api.ts';

/** What the server refused, with the sentence that it said. */
export class Refused extends Error {
	readonly status: number;
	readonly key: string;
	readonly errors: { path: string; message: string }[];
	readonly detail: Record<string, unknown>;

	constructor(status: number, problem: { title?: string; key?: string; errors?: { path: string; message: string }[] }) {
		super(problem.title ?? `HTTP ${status}`);
		this.status = status;
		this.key = problem.key ?? 'error.unexpected';
		this.errors = problem.errors ?? [];
		this.detail = { ...problem };
	}
}

/** The API, typed; the same routes as any outside client. */
export const client = hc<Api>('/api/v1');

/** The JSON of an answer; throws `Refused` with the server's sentence otherwise. */
export async function call<Body>(answer: Promise<ClientResponse<Body, number, 'json'>>): Promise<Body> {
	const response = await answer;
	if (!response.ok) throw new Refused(response.status, (await response.json().catch(() => ({}))) as object);
	return (await response.json()) as Body;
}
