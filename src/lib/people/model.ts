import { z } from 'zod';
import { Hat } from '#lib/spaces/model.ts';
import { commonPasswords } from './common-passwords.ts';

export const SignIn = z.strictObject({
	/** Staff or student number, or e-mail. */
	login: z.string().trim().min(1).max(120),
	password: z.string().min(1).max(200)
});
export type SignIn = z.input<typeof SignIn>;

export const SecondFactor = z.strictObject({
	/** Six digits of the app, or one of the backup codes. */
	code: z.string().trim().min(6).max(40)
});
export type SecondFactor = z.input<typeof SecondFactor>;

export const ChangePassword = z.strictObject({
	/** Left out only while the first password is replaced: it was typed a moment ago. */
	current: z.string().min(1).max(200).optional(),
	next: z.string().min(1).max(200)
});
export type ChangePassword = z.input<typeof ChangePassword>;

export const ConfirmPassword = z.strictObject({ password: z.string().min(1).max(200) });
export type ConfirmPassword = z.input<typeof ConfirmPassword>;

export const SwitchHat = z.strictObject({ hat: Hat });
export type SwitchHat = z.input<typeof SwitchHat>;

/** Fewest characters of a password; length is what makes one hard to guess. */
export const shortestPassword = 10;

/** Why a password is not good enough, as a message key; null when it is. */
export function weaknessOf(password: string, person: { number: string; name: string }): string | null {
	const plain = password.normalize('NFKC').toLowerCase();
	if ([...plain].length < shortestPassword) return 'people.passwordShort';
	const own = [person.number, person.name].map((part) => part.normalize('NFKC').toLowerCase()).filter((part) => part.length > 1);
	if (own.some((part) => plain.includes(part))) return 'people.passwordOwn';
	if (commonPasswords.has(plain) || isRun(plain)) return 'people.passwordCommon';
	return null;
}

/** One character again and again, or a run of neighbours such as 0123456789. */
function isRun(text: string): boolean {
	const steps = [...text].slice(1).map((character, index) => (character.codePointAt(0) ?? 0) - (text.codePointAt(index) ?? 0));
	return steps.length > 0 && [-1, 0, 1].some((step) => steps.every((each) => each === step));
}
