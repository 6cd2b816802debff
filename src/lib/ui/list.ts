import { getLocale } from '#lib/i18n/generated/runtime.js';

/** Words one after the other, as the reader's language parts them. */
export const listOf = (words: readonly string[]): string => words.join(getLocale() === 'zh-CN' ? '、' : ', ');
