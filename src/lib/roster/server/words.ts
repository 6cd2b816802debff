import { m } from '#lib/i18n/generated/messages.js';
import type { Locale } from '#lib/i18n/generated/runtime.js';
import { sentence } from '#lib/server/problem.ts';

/** The word for a name that the space keeps (an act, a kind); the name itself when it has no word yet. */
export const word = (key: string, name: string, locale: Locale): string => (key in m ? sentence(key, locale) : name);
