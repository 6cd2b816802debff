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

/** An address inside the space with the name of what is there, so that whoever sees the link need not ask for it. */
export const namedHref = (address: string, name: string): string => `${address}#${encodeURIComponent(name.trim().slice(0, 80))}`;

/** Leads to a document of a room, which opens on the same page. */
export const isDocument = (href: string): boolean => /^\/rooms\/[0-9a-f-]{36}\?document=/.test(href);

/** What a link is called: the name it was given, else the beginning of its address. */
export function linkName(href: string): string {
	if (href.startsWith('/')) {
		try {
			const name = decodeURIComponent(href.split('#')[1] ?? '').trim();
			if (name !== '') return name;
		} catch {
			// What is no name is shown as it is.
		}
		return href;
	}
	return href.replace(/^(https?:\/\/(www\.)?|mailto:)/i, '').replace(/\/$/, '');
}

/** A picture of a map is a file of this space, never from elsewhere: nobody learns who looks at it. */
export const safeSource = (value: unknown): string | null => (fileIdOf(value) === null ? null : String(value));
