import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FileStore } from '@tus/file-store';
import { Server, Upload } from '@tus/server';
import type { Services } from '#lib/server/services.ts';
import { uploadLife } from '../model.ts';

/** How much of a file is looked at to tell what it is: the header of a picture comes after its profile and preview. */
const headSize = 256 * 1024;

/** A file that arrived: what it is found by, how long it is, how it begins. */
export interface Arrived {
	sha256: string;
	bytes: number;
	head: Uint8Array;
}

/**
 * The bytes of files on the disk, under `files/` of the data folder: `arriving/` what is under way, by the id of
 * the upload; beside it, by the first two digits of the hash, every file under its SHA-256, once.
 */
export class FileStorage {
	readonly #folder: string;
	readonly #arriving: string;
	readonly #store: FileStore;
	readonly #tus: Server;
	#swept = 0;

	constructor(folder: string) {
		this.#folder = folder;
		this.#arriving = join(folder, 'arriving');
		this.#store = new FileStore({ directory: this.#arriving });
		this.#tus = new Server({
			path: '/api/v1/files',
			datastore: this.#store,
			allowedOrigins: [],
			getFileIdFromRequest: ({ url }) => /\/files\/([0-9a-f-]{36})\/upload$/.exec(new URL(url).pathname)?.[1]
		});
	}

	/** Makes room for an upload of so many bytes. */
	async begin(id: string, size: number): Promise<void> {
		await mkdir(this.#arriving, { recursive: true });
		await this.#store.create(new Upload({ id, size, offset: 0 }));
	}

	/** Answers a request of the tus protocol (HEAD, PATCH, DELETE) at `…/files/{id}/upload`. */
	receive(request: Request): Promise<Response> {
		return this.#tus.handleWeb(request as Parameters<Server['handleWeb']>[0]);
	}

	/** Takes in a file that was made here, as an upload that arrived whole. */
	async takeIn(id: string, path: string): Promise<void> {
		await mkdir(this.#arriving, { recursive: true });
		await copyFile(path, join(this.#arriving, id));
	}

	/** What arrived of an upload; null when nothing of it is there. Reads it whole. */
	async arrived(id: string): Promise<Arrived | null> {
		const path = join(this.#arriving, id);
		if (!(await exists(path))) return null;
		const hash = createHash('sha256');
		const head: Buffer[] = [];
		let bytes = 0;
		for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
			if (bytes < headSize) head.push(chunk);
			bytes += chunk.length;
			hash.update(chunk);
		}
		return { sha256: hash.digest('hex'), bytes, head: Buffer.concat(head).subarray(0, headSize) };
	}

	/** Puts an upload that arrived among the files; it is on the disk when this is done. The upload itself stays. */
	async keep(id: string, sha256: string): Promise<void> {
		const [from, to] = [join(this.#arriving, id), this.pathOf(sha256)];
		await synced(from);
		await mkdir(join(to, '..'), { recursive: true });
		await link(from, to).catch((error: NodeJS.ErrnoException) => {
			// The same file was brought before.
			if (error.code !== 'EEXIST') throw error;
		});
		await synced(join(to, '..'));
	}

	/** Forgets an upload, whether something of it is there or not. */
	async drop(id: string): Promise<void> {
		await Promise.all([id, `${id}.json`].map((name) => rm(join(this.#arriving, name), { force: true })));
	}

	/** Forgets what nobody went on with; looks at most once an hour. */
	async sweep(now: number): Promise<void> {
		if (now - this.#swept < 60 * 60 * 1000) return;
		this.#swept = now;
		for (const name of await readdir(this.#arriving).catch(() => [])) {
			const path = join(this.#arriving, name);
			const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
			if (now - mtimeMs > 2 * uploadLife) await rm(path, { force: true });
		}
	}

	/** Where the file with this hash lies. */
	pathOf(sha256: string): string {
		if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('no SHA-256');
		return join(this.#folder, sha256.slice(0, 2), sha256);
	}
}

const exists = (path: string): Promise<boolean> =>
	stat(path).then(
		() => true,
		() => false
	);

async function synced(path: string): Promise<void> {
	const handle = await open(path, 'r');
	await handle.sync().finally(() => handle.close());
}

const opened = new WeakMap<Services, FileStorage>();
/** The storage of a process: one, so that two requests never write into one upload at the same time. */
export function storageOf(services: Services): FileStorage {
	const storage = opened.get(services) ?? new FileStorage(resolve(services.env.SPACE_DATA, 'files'));
	opened.set(services, storage);
	return storage;
}
