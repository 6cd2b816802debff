import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

/** The largest file, in bytes. */
export const largestFile = 100 * 1024 * 1024;
/** What the files of one document, or those of one room, may weigh together, in bytes. */
export const documentQuota = 1024 * 1024 * 1024;
/** How many files a document holds, or a room. */
export const mostFiles = 1000;
/** How many uploads of one person into one document or room may be under way. */
export const mostUploads = 20;
/** How long an upload waits for the rest of it, in milliseconds. */
export const uploadLife = 24 * 60 * 60 * 1000;
/** A picture of more pixels is not shown: it would take gigabytes of the browser's memory. */
export const mostPixels = 100_000_000;

/** Pictures that are shown in a page; a file is one of them by its first bytes, never by its name. */
const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif', 'image/svg+xml'] as const;
export type ImageType = (typeof imageTypes)[number];
export const isImage = (type: unknown): type is ImageType => imageTypes.includes(type as ImageType);

/** A file that came in whole. */
export interface FileView {
	id: string;
	/** Where it is fetched, from the root of the space; with `?download=1` never shown in the page. */
	url: string;
	name: string;
	/** a picture's, or what its first bytes tell, else `application/octet-stream`. */
	type: string;
	bytes: number;
	/** Of a picture, in pixels. */
	width?: number;
	height?: number;
}

/** Only what could stand in a name: no path, nothing invisible that turns the reading order. */
export const cleanName = (name: string): string =>
	name
		.replace(/^.*[/\\]/su, '')
		.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu, '')
		.trim();

const About = {
	name: z
		.string()
		.max(1000)
		.transform(cleanName)
		.transform((name) => [...name].slice(-200).join(''))
		.pipe(z.string().min(1)),
	bytes: z.int().min(0)
};
/** Into a document, by whoever writes in it; or into a room, by whoever leads there. */
export const BeginUpload = z.union([
	z.strictObject({ documentId: idOf('document'), ...About }),
	z.strictObject({ roomId: idOf('room'), ...About })
]);
export type BeginUpload = z.input<typeof BeginUpload>;

const root = '/api/v1/files/';
export const fileUrl = (id: string): string => root + id;

const address = /^\/api\/v1\/files\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(\?download=1)?$/;
/** The id of a file by its address; null for every other address. What a document says may be anything. */
export const fileIdOf = (url: unknown): string | null => (typeof url === 'string' ? (address.exec(url)?.[1] ?? null) : null);
