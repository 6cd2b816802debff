import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'drizzle-orm';
import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { attachCollab } from '#collab/index.ts';
import type { Collab, CollabOptions } from '#collab/index.ts';
import { subprotocol } from '#lib/documents/model.ts';
import { PollSocket } from '#lib/documents/pollSocket.ts';
import type { DocumentKind } from '#lib/documents/model.ts';
import { documents, documentUpdates } from '#lib/documents/server/table.ts';
import { issueToken } from '#lib/documents/server/index.ts';
import { newId } from '#lib/ids.ts';
import type { DocumentId, PersonId, RoomId } from '#lib/ids.ts';
import { whoHolds } from '#lib/people/server/index.ts';
import { accounts, people, signIns } from '#lib/people/server/table.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import { requestContext, systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import type { Role } from '#lib/spaces/model.ts';
import { memberships, spaces } from '#lib/spaces/server/table.ts';

export interface TestPerson {
	id: PersonId;
	name: string;
	signInId: string;
	role: Role;
}

export interface Classroom {
	teacher: TestPerson;
	students: [TestPerson, TestPerson, TestPerson];
	/** A teacher of another class. */
	stranger: TestPerson;
	roomId: RoomId;
	spaceId: string;
	document(kind?: DocumentKind): Promise<DocumentId>;
	token(person: TestPerson, documentId: DocumentId): Promise<string>;
	as(person: TestPerson): Promise<Context>;
}

/** A class with a lesson room, a teacher, three students, and a teacher of the class next door. */
export async function makeClassroom(services: Services): Promise<Classroom> {
	const ctx = systemContext(services);
	const label = Math.random().toString(36).slice(2, 10);
	const [region, school, lesson, nextDoor] = await transaction(ctx, async ({ db }) => {
		const made: { id: string; path: string }[] = [];
		const paths = [`r${label}`, `r${label}.s`, `r${label}.s.c1`, `r${label}.s.c2`];
		for (const [index, path] of paths.entries()) {
			const parentId = (made[Math.min(index, 2) - 1]?.id ?? null) as typeof spaces.$inferInsert.parentId;
			const kind = (['region', 'school', 'class', 'class'] as const)[index] ?? 'class';
			const [space] = await db
				.insert(spaces)
				.values({ parentId, kind, name: path, path })
				.returning({ id: spaces.id, path: spaces.path });
			if (space) made.push(space);
		}
		return made;
	});
	if (!region || !school || !lesson || !nextDoor) throw new Error('no spaces');

	const person = async (name: string, role: Role, space: { id: string; path: string }): Promise<TestPerson> =>
		transaction(ctx, async ({ db }) => {
			const id = newId<'person'>();
			await db.insert(people).values({ id, name, number: `${label}-${name}`, homePath: school.path });
			await db.insert(memberships).values({
				personId: id,
				spaceId: space.id as typeof spaces.$inferSelect.id,
				spacePath: space.path,
				role,
				since: '2020-01-01'
			});
			await db
				.insert(accounts)
				.values({ id: `account-${id}`, name, email: `${id}@space.test`, personId: id, mustChangePassword: false });
			const signInId = `sign-in-${id}`;
			await db
				.insert(signIns)
				.values({ id: signInId, token: signInId, userId: `account-${id}`, expiresAt: new Date(Date.now() + 3_600_000) });
			return { id, name, signInId, role };
		});
	const teacher = await person('周老师', 'teacher', lesson);
	const students: Classroom['students'] = [
		await person('林一', 'student', lesson),
		await person('陈二', 'student', lesson),
		await person('王三', 'student', lesson)
	];
	const stranger = await person('吴老师', 'teacher', nextDoor);
	const [room] = await transaction(ctx, ({ db }) =>
		db
			.insert(rooms)
			.values({ spaceId: lesson.id as typeof spaces.$inferSelect.id, spacePath: lesson.path, kind: 'lesson', title: '语文课' })
			.returning()
	);
	if (!room) throw new Error('no room');

	const as = async ({ signInId }: TestPerson) =>
		requestContext(services, { actor: await whoHolds(services, signInId), address: null, requestId: null });
	return {
		teacher,
		students,
		stranger,
		roomId: room.id,
		spaceId: lesson.id,
		as,
		async document(kind = 'text') {
			const [document] = await transaction(ctx, ({ db }) =>
				db.insert(documents).values({ roomId: room.id, spacePath: room.spacePath, kind, title: '春天' }).returning()
			);
			if (!document) throw new Error('no document');
			return document.id;
		},
		token: async (who, documentId) => (await issueToken(await as(who), { documentId })).token
	};
}

export interface TestServer extends Collab {
	/** ws://127.0.0.1:… */
	url: string;
}

export async function startCollab(services: Services, options: CollabOptions = {}): Promise<TestServer> {
	const server = createServer();
	const collab = attachCollab(server, services, options);
	server.on('request', (request, response) => collab.request(request, response) || response.writeHead(404).end());
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		...collab,
		url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async close() {
			await collab.close();
			server.closeAllConnections();
			server.close();
		}
	};
}

/** What the browser takes where no WebSocket passes, for the client below. */
export class PollingSocket extends PollSocket {
	readonly OPEN = 1;
	constructor(url: string, [, token = '']: string[]) {
		super(url, token);
	}
}

/** An ordinary client of y-websocket, with the acknowledgements it would not understand kept beside it. */
export class Client {
	readonly doc: Y.Doc;
	readonly provider: WebsocketProvider;
	readonly refused: { index: number; reason: string }[] = [];
	readonly closes: number[] = [];
	count = 0;
	durable = new Map<number, number>();
	#checks = new Set<() => void>();

	constructor(url: string, documentId: string, token: string, doc = new Y.Doc(), Socket: unknown = WebSocket) {
		this.doc = doc;
		this.provider = new WebsocketProvider(`${url}/collab`, documentId, this.doc, {
			protocols: [subprotocol, token],
			WebSocketPolyfill: Socket as typeof globalThis.WebSocket,
			disableBc: true,
			shouldReconnect: () => false
		});
		const handlers = this.provider.messageHandlers as unknown as Record<
			number,
			(encoder: unknown, decoder: ReturnType<typeof createDecoder>) => void
		>;
		handlers[100] = (_encoder, decoder) => {
			this.count = readVarUint(decoder);
			readVarUint(decoder);
			this.durable = Y.decodeStateVector(readVarUint8Array(decoder));
			this.#look();
		};
		handlers[101] = (_encoder, decoder) => {
			this.refused.push({ index: readVarUint(decoder), reason: readVarString(decoder) });
			this.#look();
		};
		this.provider.on('connection-close', (event) => {
			this.closes.push(event?.code ?? 0);
			this.#look();
		});
		this.provider.on('sync', () => this.#look());
		this.provider.awareness.on('change', () => this.#look());
		this.doc.on('afterTransaction', () => this.#look());
	}

	get text(): Y.Text {
		return this.doc.getText('text');
	}

	/** Resolves when the condition holds; it is looked at after everything that arrives. */
	async until(condition: () => boolean, patience = 10_000): Promise<void> {
		if (condition()) return;
		await new Promise<void>((resolve, reject) => {
			const check = () => {
				if (!condition()) return;
				clearTimeout(timer);
				this.#checks.delete(check);
				resolve();
			};
			const timer = setTimeout(() => {
				this.#checks.delete(check);
				reject(new Error(`not within ${patience} ms: ${String(condition)}`));
			}, patience);
			this.#checks.add(check);
		});
	}

	synced(): Promise<void> {
		return this.until(() => this.provider.synced);
	}

	/** Resolves when all that this client wrote is on disk. */
	saved(): Promise<void> {
		return this.until(() => (this.durable.get(this.doc.clientID) ?? 0) >= Y.getState(this.doc.store, this.doc.clientID));
	}

	closed(): Promise<void> {
		return this.until(() => this.closes.length > 0);
	}

	send(bytes: Uint8Array): void {
		this.provider.ws?.send(bytes as Uint8Array<ArrayBuffer>);
	}

	destroy(): void {
		this.provider.destroy();
		this.doc.destroy();
	}

	#look(): void {
		for (const check of this.#checks) check();
	}
}

/** The document as its log alone gives it. */
export async function storedDocument(services: Services, documentId: DocumentId): Promise<Y.Doc> {
	const rows = await query(systemContext(services), ({ db }) =>
		db
			.select({ update: documentUpdates.update })
			.from(documentUpdates)
			.where(sql`document_id = ${documentId}`)
			.orderBy(documentUpdates.seq)
	);
	const doc = new Y.Doc();
	for (const { update } of rows) Y.applyUpdate(doc, update);
	return doc;
}
