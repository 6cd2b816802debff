import type { Context } from '#lib/server/context.ts';
import type { Locale } from '#lib/i18n/generated/runtime.js';

declare global {
	namespace App {
		interface Locals {
			ctx: Context;
			locale: Locale;
		}
		interface Error {
			message: string;
			key?: string;
		}
	}
}

export {};
