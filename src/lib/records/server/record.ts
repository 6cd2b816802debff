import type { DocumentId, PersonId, RoomId, SessionId } from '#lib/ids.ts';
import { newId } from '#lib/ids.ts';
import type { Context } from '#lib/server/context.ts';
import type { Role } from '#lib/spaces/model.ts';
import { verbs, vocabulary } from '../vocabulary.ts';
import type { RecordVerb } from '../vocabulary.ts';
import { statements } from './table.ts';

export interface Act {
	/** Names the act itself (`chat:<event>`, `visit:<id>:joined`): told twice, it is kept once. */
	readonly key: string;
	readonly verb: RecordVerb;
	readonly actorId: PersonId;
	readonly role: Role;
	readonly spacePath: string;
	readonly roomId?: RoomId | null;
	readonly sessionId?: SessionId | null;
	readonly documentId?: DocumentId | null;
	readonly targetId?: PersonId | null;
	readonly startedAt: Date;
	readonly endedAt?: Date;
	/** Characters, nodes or milliseconds, as the verb says. */
	readonly amount?: number;
	/** Further figures, kept in the statement's result extensions; numbers and ids only. */
	readonly figures?: Readonly<Record<string, unknown>>;
	/** The statement that this one answers. */
	readonly answers?: string | null;
}

/** The xAPI 2.0 statement of an act. Actors are accounts of the space: ids, never names. */
export function statementOf(id: string, act: Act): Record<string, unknown> {
	const verb = verbs[act.verb];
	const endedAt = act.endedAt ?? act.startedAt;
	const account = (personId: string) => ({ objectType: 'Agent', account: { homePage: vocabulary, name: personId } });
	const activity = (type: 'room' | 'document' | 'session', activityId: string) => ({
		objectType: 'Activity',
		id: `${vocabulary}/${type}s/${activityId}`,
		definition: { type: `${vocabulary}/activities/${type}` }
	});
	const grouping = [act.roomId && activity('room', act.roomId), act.sessionId && activity('session', act.sessionId)].filter(
		Boolean
	);
	return {
		id,
		actor: account(act.actorId),
		verb: { id: verb.iri, display: { 'zh-CN': verb.zh, en: verb.en } },
		object: act.documentId ? activity('document', act.documentId) : activity('room', act.roomId ?? 'none'),
		result: {
			...(endedAt > act.startedAt ? { duration: `PT${(endedAt.getTime() - act.startedAt.getTime()) / 1000}S` } : {}),
			extensions: {
				[`${vocabulary}/amount`]: act.amount ?? 0,
				...(act.targetId ? { [`${vocabulary}/target`]: act.targetId } : {}),
				...(act.figures ? { [`${vocabulary}/figures`]: act.figures } : {})
			}
		},
		context: {
			platform: 'Xingtan',
			...(act.answers ? { statement: { objectType: 'StatementRef', id: act.answers } } : {}),
			contextActivities: { grouping },
			extensions: { [`${vocabulary}/role`]: act.role }
		},
		timestamp: endedAt.toISOString()
	};
}

/** Keeps acts as statements, in the transaction of the context; an act that is there already stays as it is. */
export async function record(ctx: Context, acts: readonly Act[]): Promise<void> {
	if (acts.length === 0) return;
	const rows = acts.map((act) => {
		const id = newId<'statement'>();
		return {
			id,
			key: act.key,
			spacePath: act.spacePath,
			roomId: act.roomId ?? null,
			sessionId: act.sessionId ?? null,
			documentId: act.documentId ?? null,
			actorId: act.actorId,
			role: act.role,
			verb: act.verb,
			targetId: act.targetId ?? null,
			startedAt: act.startedAt,
			endedAt: act.endedAt ?? act.startedAt,
			amount: act.amount ?? 0,
			statement: statementOf(id, act)
		};
	});
	await ctx.db.insert(statements).values(rows).onConflictDoNothing({ target: statements.key });
}
