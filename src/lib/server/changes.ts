import { EventEmitter } from 'node:events';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Db } from './db.ts';

/** What others must hear of once it is committed. Ids only: whoever listens reads the rest. */
export type Change =
	/** Rights of a person changed: open documents, chats and calls of theirs are looked at again. */
	| { kind: 'access'; personId: string }
	/** All sign-ins of an account, or one of them, ended. */
	| { kind: 'signedOut'; personId: string; signInId: string | null }
	/** A room was made, renamed or put away, or what lies on its table changed. */
	| { kind: 'room'; roomId: string }
	/** Who is in a room, what holds there or what somebody there may do changed. */
	| { kind: 'session'; roomId: string }
	/** The session of a room was ended for all. */
	| { kind: 'ended'; roomId: string }
	/** Who may write in the chat of a room changed. */
	| { kind: 'voices'; roomId: string }
	/** A document was locked or opened again: whoever has it open asks for the right that is left. */
	| { kind: 'document'; documentId: string }
	/** Something is asked in a room, or is no longer. */
	| { kind: 'round'; roomId: string }
	/** Somebody answered what is asked in a room. */
	| { kind: 'answered'; roomId: string }
	/** A recording began or ended in a room, somebody said yes or no to it, or its film goes on. */
	| { kind: 'recording'; roomId: string }
	/** Something was put in front of people in a room, collected or handed back. */
	| { kind: 'handout'; roomId: string }
	/** Somebody opened their copy of what was handed out. */
	| { kind: 'copyOpened'; roomId: string }
	/** Slides were brought, prepared or put away; or a page is shown, which those who follow are told at once. */
	| { kind: 'slides'; roomId: string; show: { deckId: string; page: number; together: boolean; turn: number } | null }
	/** Somebody was understood, captions were turned on or off, or the notes of the session were opened. */
	| { kind: 'captions'; roomId: string }
	/** Plans of a room changed, or a step of the lesson began or ended. */
	| { kind: 'sheet'; roomId: string }
	/** Something was said about a document. */
	| { kind: 'comments'; roomId: string; documentId: string; threadId: string }
	/** Something to do in a room changed; null: several tasks, or the milestones. */
	| { kind: 'project'; roomId: string; taskId: string | null }
	/** Changes may have been missed while the database was away: look at everything again. */
	| { kind: 'missed' };

/** Hands committed changes to whoever listens, in this process and in every other, through PostgreSQL. */
export interface Changes {
	on<Kind extends Change['kind']>(kind: Kind, listener: (change: Extract<Change, { kind: Kind }>) => void): () => void;
	close(): Promise<void>;
}

const channel = 'space_changes';

/** Tells of a change when, and only when, the transaction commits. */
export async function publish(db: Db, change: Change): Promise<void> {
	await db.execute(sql`select pg_notify(${channel}, ${JSON.stringify(change)})`);
}

/** Listens on a connection of its own, which is made again whenever it is lost. */
export async function openChanges(url: string, log: Logger): Promise<Changes> {
	const emitter = new EventEmitter();
	emitter.setMaxListeners(0);
	let client: pg.Client | undefined;
	let closed = false;

	async function connect(): Promise<void> {
		const fresh = new pg.Client({ connectionString: url, keepAlive: true });
		fresh.on('notification', ({ payload }) => {
			const change = JSON.parse(payload ?? '{}') as Change;
			emitter.emit(change.kind, change);
		});
		fresh.on('error', (error) => {
			log.warn({ err: error }, 'the connection that listens for changes was lost');
			if (client === fresh) void reconnect();
		});
		await fresh.connect();
		await fresh.query(`listen ${channel}`);
		client = fresh;
	}

	async function reconnect(): Promise<void> {
		client = undefined;
		for (let wait = 100; !closed; wait = Math.min(wait * 2, 2_000)) {
			await new Promise((resolve) => setTimeout(resolve, wait));
			const connected = await connect().then(
				() => true,
				() => false
			);
			if (connected) {
				emitter.emit('missed', { kind: 'missed' });
				return;
			}
		}
	}

	await connect();
	return {
		on(kind, listener) {
			const guarded = (change: Parameters<typeof listener>[0]) => {
				try {
					listener(change);
				} catch (error) {
					log.error({ err: error, kind }, 'a listener for changes failed');
				}
			};
			emitter.on(kind, guarded);
			return () => emitter.off(kind, guarded);
		},
		async close() {
			closed = true;
			await client?.end();
		}
	};
}
