import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { Client } from '#collab/test/support.ts';
import { startServers } from '#tests/support/servers.ts';
import type { TestSpace } from '#tests/support/servers.ts';

// A whole space in a folder that has an end: a file system in memory, which only the superuser may mount.

const folder = mkdtempSync(join(tmpdir(), 'space-disk-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m,mode=0755', 'space', folder]).status === 0;
const filler = join(folder, 'filler');
let space: TestSpace;

beforeAll(async () => {
	if (mounted) space = await startServers({ parts: ['postgres', 'web'], dataFolder: join(folder, 'data'), seed: true });
}, 180_000);
afterAll(async () => {
	await space?.stop();
	if (mounted) spawnSync('umount', ['-l', folder]);
	rmSync(folder, { recursive: true, force: true });
});

/** Writes until there is no room for one more byte. */
function fillDisk(): void {
	const file = openSync(filler, 'w');
	for (let size = 1024 * 1024; size >= 1;) {
		try {
			writeSync(file, Buffer.alloc(size));
		} catch {
			size = Math.floor(size / 4);
		}
	}
	closeSync(file);
}

test.skipIf(!mounted)(
	'on a full disk nothing is confirmed, nobody dies, and all that was typed is stored when there is room',
	async () => {
		const at = (path: string) => new URL(path, space.url);
		const { login, password } = space.signIns.find(({ role }) => role === '学生')!;
		const headers = { 'content-type': 'application/json', origin: new URL(space.settings.ORIGIN ?? space.url).origin };
		const signedIn = await fetch(at('/api/v1/sign-in'), { method: 'POST', headers, body: JSON.stringify({ login, password }) });
		const cookie = signedIn.headers
			.getSetCookie()
			.map((one) => one.split(';')[0])
			.join('; ');
		const ask = async <Answer>(path: string, method = 'GET'): Promise<Answer> =>
			(await (await fetch(at(path), { method, headers: { ...headers, cookie } })).json()) as Answer;
		const health = () => ask<Record<string, string>>('/api/v1/health');

		const rooms = await ask<{ id: string; kind: string }[]>('/api/v1/rooms');
		const lesson = rooms.find(({ kind }) => kind === 'lesson');
		const documents = await ask<{ id: string; kind: string }[]>(`/api/v1/rooms/${lesson?.id}/documents`);
		const documentId = documents.find(({ kind }) => kind === 'text')!.id;
		const open = async (doc = new Y.Doc()) => {
			const { token } = await ask<{ token: string }>(`/api/v1/documents/${documentId}/token`, 'POST');
			const client = new Client(space.url.replace('http', 'ws'), documentId, token, doc);
			await client.synced();
			return client;
		};

		const writer = await open();
		const paragraph = (text: string) => {
			const element = new Y.XmlElement('paragraph');
			element.insert(0, [new Y.XmlText(text)]);
			writer.doc.getXmlFragment('default').push([element]);
		};
		paragraph('磁盘还有地方。');
		await writer.saved();
		const confirmed = Y.getState(writer.doc.store, writer.doc.clientID);

		const pid = space.servers.web?.pid;
		fillDisk();
		for (let index = 0; index < 8; index++)
			paragraph(
				`磁盘满了${index}：${Array.from({ length: 40_000 }, (_, n) => String.fromCodePoint(0x4e00 + ((n * 7 + index) % 20_000))).join('')}`
			);
		await vi.waitFor(async () => expect((await health()).collab).not.toBe('ok'), { timeout: 20_000, interval: 200 });
		expect((await health()).web).toBe('ok');
		expect(writer.durable.get(writer.doc.clientID) ?? 0).toBeLessThan(Y.getState(writer.doc.store, writer.doc.clientID));
		expect(writer.durable.get(writer.doc.clientID) ?? 0).toBeGreaterThanOrEqual(confirmed);

		expect(space.servers.web?.pid).toBe(pid);
		rmSync(filler);
		await vi.waitFor(async () => expect((await health()).collab).toBe('ok'), { timeout: 40_000, interval: 200 });
		// Who was given up meanwhile comes back with what is only on that side.
		const again = writer.closes.length > 0 ? await open(writer.doc) : writer;
		await again.saved();
		const reader = await open();
		const text = JSON.stringify(writer.doc.getXmlFragment('default').toJSON());
		await reader.until(() => JSON.stringify(reader.doc.getXmlFragment('default').toJSON()) === text);
		for (const client of new Set([writer, again, reader])) client.destroy();
	},
	180_000
);
