import { fileIdOf } from '#lib/files/model.ts';

/** An address that a person may follow from a map; null for anything else, such as a script. */
export function safeHref(value: unknown): string | null {
	if (typeof value !== 'string' || value.length > 2_000) return null;
	const href = value.trim();
	return /^(https?:\/\/|mailto:)[^\s]+$/i.test(href) || /^\/(?![/\\])[^\s\\]*$/.test(href) ? href : null;
}

/** What one typed as an address: the scheme may be left out. */
export function hrefOf(typed: string): string | null {
	const text = typed.trim();
	if (text === '') return null;
	return safeHref(text) ?? (/^[^\s/:@]+\.[^\s]+$/.test(text) ? safeHref(`https://${text}`) : null);
}

/** A picture of a map is a file of this space, never from elsewhere: nobody learns who looks at it. */
export const safeSource = (value: unknown): string | null => (fileIdOf(value) === null ? null : String(value));
