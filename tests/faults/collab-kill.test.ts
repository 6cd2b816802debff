import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as Y from 'yjs';
import { Dice } from '#collab/test/histories.ts';
import { Client, makeClassroom, storedDocument } from '#collab/test/support.ts';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import type { Classroom, TestPerson } from '#collab/test/support.ts';
import type { DocumentId } from '#lib/ids.ts';
import { createDatabase } from '#tests/support/servers.ts';
import { root } from '#tests/support/settings.ts';

let databaseUrl: string;
let services: TestServices;
let classroom: Classroom;
let child: ChildProcess;
let url: string;

beforeAll(async () => {
	databaseUrl = (await createDatabase()).appUrl;
	services = await openServices({ databaseUrl });
	classroom = await makeClassroom(services);
	await serve();
});
afterAll(async () => {
	await kill();
	await services.close();
});

async function serve(): Promise<void> {
	child = spawn(join(root, 'node_modules/.bin/node'), [join(root, 'collab-server/test/serve.ts'), databaseUrl], {
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
	url = line.toString().trim();
}

async function kill(): Promise<void> {
	const ended = once(child, 'exit');
	child.kill('SIGKILL');
	await ended;
}

const open = async (person: TestPerson, documentId: DocumentId, doc?: Y.Doc) =>
	new Client(url, documentId, await classroom.token(person, documentId), doc);

/** How many writings of this client the server has confirmed. */
const confirmed = (client: Client) => client.durable.get(client.doc.clientID) ?? 0;

test('kill -9 while two write: no confirmed character is lost, none is doubled, and all agree', async () => {
	const seed = Number(process.env.FAULT_SEED ?? Date.now() % 100_000);
	const dice = new Dice(seed);
	const documentId = await classroom.document();
	const people = [classroom.students[0], classroom.students[1]];
	let writers = await Promise.all(people.map((person) => open(person, documentId)));
	await Promise.all(writers.map((writer) => writer.synced()));
	const typed = [0, 0];
	let kills = 0;

	for (; kills < 5; kills++) {
		const typing = writers.map((writer, index) =>
			setInterval(() => {
				// Each writer has its own characters, numbered, so that a loss or a double shows.
				const text = writer.doc.getText(`writer${index}`);
				text.insert(text.length, String.fromCodePoint(0x4e00 + (typed[index] ?? 0)));
				typed[index] = (typed[index] ?? 0) + 1;
			}, 5)
		);
		const [one, other] = writers as [Client, Client];
		const before = [confirmed(one), confirmed(other)];
		await Promise.all(
			writers.map((writer, index) => writer.until(() => confirmed(writer) > (before[index] ?? 0) + 5 + dice.upTo(40)))
		);
		await kill();
		for (const timer of typing) clearInterval(timer);

		const stored = await storedDocument(services, documentId);
		for (const [index, writer] of writers.entries()) {
			expect(
				Y.getState(stored.store, writer.doc.clientID),
				`seed ${seed}, kill ${kills}, writer ${index}`
			).toBeGreaterThanOrEqual(confirmed(writer));
		}
		await serve();
		const docs = writers.map(({ doc }) => doc);
		for (const writer of writers) writer.provider.destroy();
		writers = await Promise.all(people.map((person, index) => open(person, documentId, docs[index])));
		await Promise.all(writers.map((writer) => writer.saved()));
	}

	for (const [index] of writers.entries()) {
		const expected = Array.from({ length: typed[index] ?? 0 }, (_, number) => String.fromCodePoint(0x4e00 + number)).join('');
		for (const writer of writers) await writer.until(() => writer.doc.getText(`writer${index}`).toString() === expected);
		const stored = await storedDocument(services, documentId);
		expect(stored.getText(`writer${index}`).toString(), `seed ${seed}`).toBe(expected);
	}
	for (const writer of writers) writer.destroy();
}, 120_000);
