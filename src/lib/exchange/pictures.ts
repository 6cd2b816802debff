/** A picture that is put into a file. */
export interface Shot {
	bytes: Uint8Array<ArrayBuffer>;
	type: 'image/png' | 'image/jpeg' | 'image/gif';
	/** In pixels. */
	width: number;
	height: number;
}
/** Pictures of a text by their addresses; one that is missing could not be fetched. */
export type Shots = ReadonlyMap<string, Shot>;

/** The kind of a picture by its first bytes; null for what no Word shows. */
export function shotType(bytes: Uint8Array): Shot['type'] | null {
	if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return 'image/png';
	if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
	if (bytes[0] === 0x47 && bytes[1] === 0x49 && bytes[2] === 0x46) return 'image/gif';
	return null;
}

/** The ending of a picture's name by its first bytes; null for what no page shows. */
export function pictureEnding(bytes: Uint8Array): string | null {
	const type = shotType(bytes);
	if (type) return type === 'image/jpeg' ? 'jpg' : type.slice(6);
	const start = String.fromCharCode(...bytes.subarray(0, 12));
	if (/^RIFF[^]{4}WEBP/.test(start)) return 'webp';
	if (/^[^]{4}ftyp(avif|avis)/.test(start)) return 'avif';
	return /^\s*(?:<\?xml|<svg|<!--)/.test(new TextDecoder().decode(bytes.subarray(0, 200))) ? 'svg' : null;
}
