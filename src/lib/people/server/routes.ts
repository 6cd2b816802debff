import { z } from '@hono/zod-openapi';
import type { Context as HonoContext } from 'hono';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import type { ApiEnv } from '#lib/server/route.ts';
import { Hat } from '#lib/spaces/model.ts';
import { ChangePassword, ConfirmPassword, SecondFactor, SignIn, SwitchHat } from '../model.ts';
import { seeMyself } from './me.ts';
import { changePassword, listSignIns, signOutOthers } from './password.ts';
import { signIn, signInWithCode, signOut } from './sign-in.ts';
import { switchHat } from './switch-hat.ts';
import { confirmTwoFactor, disableTwoFactor, enableTwoFactor } from './two-factor.ts';

const SignedIn = z
	.object({ twoFactor: z.boolean().openapi({ description: 'a code is asked for at /sign-in/two-factor' }) })
	.openapi('SignedIn');
const Me = z
	.object({
		personId: z.string(),
		name: z.string(),
		number: z.string(),
		hat: Hat,
		hats: z.array(Hat),
		mustChangePassword: z.boolean(),
		twoFactor: z.boolean()
	})
	.openapi('Me');
const SignInRow = z
	.object({
		id: z.string(),
		address: z.string().nullable(),
		browser: z.string().nullable(),
		since: z.string(),
		current: z.boolean()
	})
	.openapi('SignIn');

const setCookies = (c: HonoContext<ApiEnv>, cookies: readonly string[]) => {
	for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
};

export const peopleRoutes = newApi()
	.openapi(
		route('public', {
			method: 'post',
			path: '/sign-in',
			summary: 'Sign in with number or e-mail and password',
			request: { body: takes(SignIn) },
			responses: answers(SignedIn, 'signed in, or a code is asked for')
		}),
		async (c) => {
			const { twoFactor, cookies } = await signIn(c.env.ctx, c.req.valid('json'), c.req.raw.headers);
			setCookies(c, cookies);
			return c.json({ twoFactor }, 200);
		}
	)
	.openapi(
		route('public', {
			method: 'post',
			path: '/sign-in/two-factor',
			summary: 'The second step of a sign-in',
			request: { body: takes(SecondFactor) },
			responses: answers(Done, 'signed in')
		}),
		async (c) => {
			const { cookies } = await signInWithCode(c.env.ctx, c.req.valid('json'), c.req.raw.headers);
			setCookies(c, cookies);
			return c.json(done, 200);
		}
	)
	.openapi(
		route('public', { method: 'post', path: '/sign-out', summary: 'End this sign-in', responses: answers(Done, 'signed out') }),
		async (c) => {
			setCookies(c, await signOut(c.env.ctx, c.req.raw.headers));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('self', { method: 'get', path: '/me', summary: 'Who one is, in which capacity', responses: answers(Me, 'oneself') }),
		async (c) => c.json(await seeMyself(c.env.ctx), 200)
	)
	.openapi(
		route('self', {
			method: 'post',
			path: '/password',
			summary: 'Replace one’s password; other sign-ins end',
			request: { body: takes(ChangePassword) },
			responses: answers(Done, 'replaced')
		}),
		async (c) => {
			await changePassword(c.env.ctx, c.req.valid('json'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('self', {
			method: 'post',
			path: '/hat',
			summary: 'Act in another capacity, in the same sign-in',
			request: { body: takes(SwitchHat) },
			responses: answers(Done, 'switched')
		}),
		async (c) => {
			await switchHat(c.env.ctx, c.req.valid('json'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('self', {
			method: 'get',
			path: '/sign-ins',
			summary: 'Where one is signed in',
			responses: answers(z.array(SignInRow), 'sign-ins')
		}),
		async (c) => c.json(await listSignIns(c.env.ctx), 200)
	)
	.openapi(
		route('self', {
			method: 'post',
			path: '/sign-ins/end-others',
			summary: 'End every other sign-in',
			responses: answers(z.object({ ended: z.number().int() }), 'how many ended')
		}),
		async (c) => c.json({ ended: await signOutOthers(c.env.ctx) }, 200)
	)
	.openapi(
		route('self', {
			method: 'post',
			path: '/two-factor/enable',
			summary: 'Begin to ask for a second factor',
			request: { body: takes(ConfirmPassword) },
			responses: answers(
				z.object({ uri: z.string(), backupCodes: z.array(z.string()) }),
				'the secret for the app, and backup codes'
			)
		}),
		async (c) => c.json(await enableTwoFactor(c.env.ctx, c.req.valid('json'), c.req.raw.headers), 200)
	)
	.openapi(
		route('self', {
			method: 'post',
			path: '/two-factor/confirm',
			summary: 'Ask for the second factor from now on',
			request: { body: takes(SecondFactor) },
			responses: answers(Done, 'asked for from now on')
		}),
		async (c) => {
			setCookies(c, await confirmTwoFactor(c.env.ctx, c.req.valid('json'), c.req.raw.headers));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('self', {
			method: 'post',
			path: '/two-factor/disable',
			summary: 'Ask for the password alone again',
			request: { body: takes(ConfirmPassword) },
			responses: answers(Done, 'no longer asked for')
		}),
		async (c) => {
			setCookies(c, await disableTwoFactor(c.env.ctx, c.req.valid('json'), c.req.raw.headers));
			return c.json(done, 200);
		}
	);
