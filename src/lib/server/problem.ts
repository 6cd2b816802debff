import { HTTPException } from 'hono/http-exception';
import { ZodError } from 'zod';
import { m } from '#lib/i18n/generated/messages.js';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import { isAppError } from './errors.ts';

/** RFC 9457: what went wrong, in a sentence a person understands. */
export interface Problem {
	type: string;
	title: string;
	status: number;
	/** Stable name of the sentence. */
	key: string;
	/** Which fields are wrong and why, for forms. */
	errors?: { path: string; message: string }[];
	[detail: string]: unknown;
}

type Sentence = (inputs: Record<string, unknown>, options: { locale: Locale }) => string;

/** The sentence of a message key in one language; keys without a message give the general one. */
export function sentence(key: string, locale: Locale, inputs: Record<string, unknown> = {}): string {
	const messages = m as unknown as Record<string, Sentence | undefined>;
	return (messages[key] ?? messages['error.unexpected'])?.(inputs, { locale }) ?? key;
}

/** The problem document of whatever a verb threw; what is not ours says nothing about its cause. */
export function problemOf(thrown: unknown, locale: Locale): Problem {
	if (isAppError(thrown)) {
		return {
			type: `about:blank#${thrown.key}`,
			title: sentence(thrown.key, locale, thrown.detail),
			status: thrown.status,
			key: thrown.key,
			...thrown.detail
		};
	}
	if (thrown instanceof ZodError) {
		const errors = thrown.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
		return {
			type: 'about:blank#error.invalid',
			title: sentence('error.invalid', locale),
			status: 422,
			key: 'error.invalid',
			errors
		};
	}
	// A body that is not even JSON is refused before any schema sees it.
	if (thrown instanceof HTTPException && thrown.status < 500) {
		return {
			type: 'about:blank#error.invalid',
			title: sentence('error.invalid', locale),
			status: thrown.status,
			key: 'error.invalid'
		};
	}
	return {
		type: 'about:blank#error.unexpected',
		title: sentence('error.unexpected', locale),
		status: 500,
		key: 'error.unexpected'
	};
}
