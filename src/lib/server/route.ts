import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { RouteConfig } from '@hono/zod-openapi';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import type { Context } from './context.ts';
import type { PolicyVerb } from './policy.ts';

export interface ApiEnv {
	Bindings: { ctx: Context; locale: Locale };
}

/** A part of the API; a request that does not fit its schema is answered by the API's error handler. */
export const newApi = () =>
	new OpenAPIHono<ApiEnv>({
		defaultHook: (result) => {
			if (!result.success) throw result.error;
		}
	});

/**
 * Who may call a route: a verb of the policy; `self` (any signed-in person, about himself or what he is a
 * member of), `public` (anyone) or `peer` (another server that proves itself with a key).
 */
export type RoutePolicy = PolicyVerb | 'self' | 'public' | 'peer';

/** Describes a route for OpenAPI together with the policy row that guards it. */
export const route = <const Config extends RouteConfig>(policy: RoutePolicy, config: Config) =>
	createRoute({ ...config, 'x-policy': policy } as Config & { 'x-policy': RoutePolicy });

/** A JSON answer of a route. */
export const answers = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
	200: { description, content: { 'application/json': { schema } } }
});

/** A JSON body of a route. */
export const takes = <Schema extends z.ZodType>(schema: Schema) => ({
	required: true,
	content: { 'application/json': { schema } }
});

export const Done = z.object({ done: z.literal(true) }).openapi('Done');
export const done = { done: true } as const;
