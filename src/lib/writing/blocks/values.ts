// What stands in the attributes of a block was written by some client and can be anything.

/** A text of at most so many characters; everything else is the empty one. */
export const textIn = (value: unknown, most = 200): string => (typeof value === 'string' ? value.slice(0, most) : '');

/** One of the values that are known; the first of them for everything else. */
export const oneOf = <Value>(value: unknown, known: readonly [Value, ...Value[]]): Value =>
	known.find((each) => each === value) ?? known[0];

/** A number within bounds; null for everything else. */
export const numberIn = (value: unknown, least: number, most: number): number | null =>
	typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, least), most) : null;

/** An id as the space makes them; null for everything else. */
export const idIn = (value: unknown): string | null =>
	typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value) ? value : null;

/** A short name that a client makes up for something inside one document; null for everything else. */
export const nameIn = (value: unknown): string | null =>
	typeof value === 'string' && /^[A-Za-z0-9_-]{1,40}$/.test(value) ? value : null;

/** A new one. */
export const newName = (): string =>
	Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => (byte % 36).toString(36)).join('');

/** An address that may be followed; null for every other scheme, and for what only looks like a path. */
export function hrefIn(value: unknown): string | null {
	if (typeof value !== 'string' || value.length > 2_000) return null;
	const href = value.trim();
	// Browsers skip tabs and line breaks within a scheme.
	if (/[\s\p{Cc}]/u.test(href)) return null;
	if (/^(https?:\/\/|mailto:)/i.test(href)) return URL.canParse(href) ? href : null;
	return /^(\/(?![/\\])|#|\?)/.test(href) ? href : null;
}
