import type { DetailedError, Upload } from 'tus-js-client';
import { m } from '#lib/i18n/generated/messages.js';
import { call, client, Refused } from '#lib/ui/client.ts';
import { cleanName, largestFile } from './model.ts';
import type { FileView } from './model.ts';

export interface UploadOptions {
	/** How much has arrived, from 0 to 1. */
	onprogress?: (part: number) => void;
	/** Gives the upload up; what arrived of it is forgotten. */
	signal?: AbortSignal;
}

/** Bytes that travel at once; less than any proxy or route refuses, and what a cut line costs at most. */
const partSize = 4 * 1024 * 1024;
/** How long it waits before each further try, in milliseconds; whatever arrives meanwhile begins the row anew. */
const patience = [0, 1_000, 2_000, 4_000, 8_000, ...Array.from<number>({ length: 40 }).fill(15_000)];

/**
 * Brings a file into the document with this id, or into a room. A line that is cut is waited for, and the rest sent when it is back; after ten
 * minutes, or a reload of the page, the same file chosen again goes on where it stopped. Throws `Refused` with
 * the server's sentence, and `AbortError` when it was given up.
 */
export async function uploadFile(home: string | { roomId: string }, file: File, options: UploadOptions = {}): Promise<FileView> {
	const { signal, onprogress } = options;
	signal?.throwIfAborted();
	if (file.size > largestFile) {
		const title = m['files.tooLarge']({ megabytes: largestFile / 1024 / 1024 });
		throw new Refused(413, { key: 'files.tooLarge', title });
	}
	// A folder that was dropped looks like a file until it is read.
	await file
		.slice(0, 1)
		.arrayBuffer()
		.catch(() => {
			throw new Refused(422, { key: 'files.empty', title: m['files.empty']() });
		});
	const place = typeof home === 'string' ? `documents/${home}` : `rooms/${home.roomId}`;
	const print = ['xingtan', place, file.name, file.size, file.lastModified].join('/');
	const fileId = await alone(print, (first) => send(place, file, print, first, { signal, onprogress }));
	return finish(fileId, signal);
}

/** Tells whether nobody, in this page or another, sends the same file at this moment: only then an earlier try goes on. */
const alone = <Result>(print: string, work: (first: boolean) => Promise<Result>): Promise<Result> =>
	'locks' in navigator
		? (navigator.locks.request(print, { ifAvailable: true }, (lock) => work(lock !== null)) as Promise<Result>)
		: work(true);

/** Sends the bytes; answers the id of the upload. */
async function send(
	place: string,
	file: File,
	print: string,
	first: boolean,
	{ signal, onprogress }: UploadOptions
): Promise<string> {
	const tus = await import('tus-js-client');
	return new Promise<string>((resolve, reject) => {
		const upload: Upload = new tus.Upload(file, {
			endpoint: `/api/v1/${place}/files`,
			chunkSize: partSize,
			retryDelays: patience,
			metadata: { filename: cleanName(file.name) || m['files.unnamed']() },
			fingerprint: async () => print,
			storeFingerprintForResuming: first,
			removeFingerprintOnSuccess: true,
			// Without an answer the line is cut: it comes back.
			onShouldRetry: (error) => !isAnswered(error) || [409, 423, 429].includes(statusOf(error)) || statusOf(error) >= 500,
			onProgress: (sent, whole) => onprogress?.(whole === 0 ? 1 : sent / whole),
			onError: (error) => reject(refusedBy(error)),
			onSuccess: () => {
				const id = /\/files\/([0-9a-f-]{36})\/upload$/.exec(upload.url ?? '')?.[1];
				return id ? resolve(id) : reject(new Refused(500, {}));
			}
		});
		signal?.addEventListener(
			'abort',
			() => {
				// Whether it is forgotten at once is not worth waiting for: it is, in a day.
				upload.abort(true).catch(() => undefined);
				reject(signal.reason);
			},
			{ once: true }
		);
		const begin = async () => {
			const earlier = first ? await upload.findPreviousUploads() : [];
			signal?.throwIfAborted();
			if (earlier[0]) upload.resumeFromPreviousUpload(earlier[0]);
			upload.start();
		};
		begin().catch(reject);
	});
}

/** Makes a file of what was sent; asks again as long as nobody answers. */
async function finish(fileId: string, signal: AbortSignal | undefined): Promise<FileView> {
	for (const wait of patience) {
		signal?.throwIfAborted();
		try {
			return await call(client.files[':fileId'].finish.$post({ param: { fileId } }));
		} catch (error) {
			if (error instanceof Refused && error.status < 500) throw error;
			await new Promise((resolve) => setTimeout(resolve, wait));
		}
	}
	throw lineLost();
}

const lineLost = () => new Refused(503, { key: 'files.lineLost', title: m['files.lineLost']() });

const isAnswered = (error: Error | DetailedError): error is DetailedError =>
	'originalResponse' in error && error.originalResponse !== null;
const statusOf = (error: DetailedError): number => error.originalResponse?.getStatus() ?? 0;

/** The server's sentence, or that the line was lost for too long. */
function refusedBy(error: Error | DetailedError): Error {
	if (!isAnswered(error)) return 'originalRequest' in error ? lineLost() : error;
	try {
		return new Refused(statusOf(error), JSON.parse(error.originalResponse?.getBody() ?? '') as object);
	} catch {
		return lineLost();
	}
}
