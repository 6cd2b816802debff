import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { ConfirmPassword, SecondFactor } from '../model.ts';
import { auditSelf } from './audit-self.ts';
import { handedOn, isRefusal } from './handed-on.ts';
import { confirmPassword } from './password.ts';

/** Begin to ask for a second factor: the secret for the app, and codes for the day the phone is lost. */
export async function enableTwoFactor(
	ctx: Context,
	input: ConfirmPassword,
	headers: Headers
): Promise<{ uri: string; backupCodes: string[] }> {
	const { password } = ConfirmPassword.parse(input);
	requireActor(ctx);
	await confirmPassword(ctx, password);
	const answer = await ctx.services.auth.api
		.enableTwoFactor({ body: { password }, headers: handedOn(ctx, headers) })
		.catch(refusedAs(new Conflict('people.twoFactorAlready')));
	if (!('totpURI' in answer) || !answer.totpURI || !answer.backupCodes) throw new Conflict('people.twoFactorAlready');
	return { uri: answer.totpURI, backupCodes: answer.backupCodes };
}

/** Ask for the second factor from now on: the app has shown that it knows the secret. */
export async function confirmTwoFactor(ctx: Context, input: SecondFactor, headers: Headers): Promise<string[]> {
	const { code } = SecondFactor.parse(input);
	requireActor(ctx);
	const answer = await ctx.services.auth.api
		.verifyTOTP({ body: { code }, headers: handedOn(ctx, headers), returnHeaders: true })
		.catch(refusedAs(new Invalid('people.wrongCode')));
	await transaction(ctx, (ctx) => auditSelf(ctx, 'twoFactor.enable'));
	return answer.headers.getSetCookie();
}

/** Ask for the password alone again. */
export async function disableTwoFactor(ctx: Context, input: ConfirmPassword, headers: Headers): Promise<string[]> {
	const { password } = ConfirmPassword.parse(input);
	requireActor(ctx);
	await confirmPassword(ctx, password);
	const answer = await ctx.services.auth.api
		.disableTwoFactor({ body: { password }, headers: handedOn(ctx, headers), returnHeaders: true })
		.catch(refusedAs(new Invalid('people.wrongPassword')));
	await transaction(ctx, (ctx) => auditSelf(ctx, 'twoFactor.disable'));
	return answer.headers.getSetCookie();
}

const refusedAs =
	(error: Error) =>
	(thrown: unknown): never => {
		throw isRefusal(thrown) ? error : thrown;
	};
