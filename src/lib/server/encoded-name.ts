/** A file's name as RFC 8187 writes it in a header. */
export const encodedName = (name: string): string =>
	encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
