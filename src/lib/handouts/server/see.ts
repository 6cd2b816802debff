import { and, asc, desc, eq, gt, inArray, max, or, sql } from 'drizzle-orm';
import type { DocumentRow } from '#lib/documents/server/index.ts';
import { documents, documentUpdates } from '#lib/documents/server/table.ts';
import { files } from '#lib/files/server/table.ts';
import { documentVersions } from '#lib/history/server/table.ts';
import type { DocumentId, PersonId, RoomId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { projectTasks } from '#lib/projects/server/table.ts';
import { findRoom, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { groupMembers, rooms } from '#lib/rooms/server/table.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { SeeHandouts } from '../model.ts';
import type { Copy, HandedDocument, Handout, HandoutsView } from '../model.ts';
import type { CopyRow, HandoutRow } from './find.ts';
import { handoutCopies, handouts } from './table.ts';

/** So many are listed, the newest first. */
const most = 40;

type CopyWith = CopyRow & { document: DocumentRow; owner: string };

/** What was put in front of the asker in a room; for those who lead all of it, and how far everybody is. */
export async function seeHandouts(ctx: Context, input: SeeHandouts): Promise<HandoutsView> {
	const { roomId, of } = SeeHandouts.parse(input);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'handout.see', placeOf(room));
		const leading = may(ctx, 'handout.lead', placeOf(room));
		const { personId: me } = requireActor(ctx);
		const mine = await groupsOf(ctx, room, me);
		const rows = await ctx.db
			.select({ handout: handouts, from: people.name, document: documents, note: projectTasks.note, type: files.type })
			.from(handouts)
			.innerJoin(people, eq(people.id, handouts.createdBy))
			.leftJoin(documents, eq(documents.id, handouts.documentId))
			.leftJoin(projectTasks, eq(projectTasks.id, handouts.taskId))
			.leftJoin(files, eq(files.id, handouts.fileId))
			.where(eq(handouts.roomId, roomId))
			.orderBy(desc(handouts.createdAt), desc(handouts.id))
			.limit(most);
		const sessionId = await sessionNow(ctx, roomId);
		const withCopies = rows
			.map(({ handout }) => handout)
			.filter((handout) => handout.work && (!leading || handout.sessionId === sessionId || handout.id === of));
		const copies = await copiesOf(ctx, withCopies, leading ? null : { me, groups: [...mine] });
		const isMine = (copy: CopyWith) => copy.personId === me || (copy.groupId !== null && mine.has(copy.groupId));
		const isForMe = ({ id, work, personId, groupId }: HandoutRow) =>
			work
				? copies.some((copy) => copy.handoutId === id && isMine(copy))
				: personId
					? personId === me
					: !groupId || mine.has(groupId);
		const seen = rows.filter(({ handout }) => leading || isForMe(handout));
		const shown = leading ? copies : copies.filter(isMine);
		const handedIn = await handInsOf(ctx, shown);
		const written = leading ? await writtenIn(ctx, shown) : new Map<string, Copy['written']>();
		const targets = await targetsOf(
			ctx,
			seen.map(({ handout }) => handout)
		);
		const documentOf = (document: DocumentRow): HandedDocument => ({
			id: document.id,
			kind: document.kind,
			title: document.title,
			lockedAt: document.lockedAt?.toISOString() ?? null,
			can: {
				write: may(ctx, 'document.write', placeOf(room)) && !document.lockedAt,
				change: may(ctx, 'document.change', placeOf(room))
			}
		});
		return {
			handouts: seen.map(({ handout, from, document, note, type }): Handout => {
				const own = shown.filter(({ handoutId }) => handoutId === handout.id);
				const copy = own.find(isMine);
				const opens = handout.work ? (copy?.document ?? (leading ? document : null)) : document;
				return {
					id: handout.id,
					kind: handout.kind,
					title: handout.title,
					path: handout.path,
					type,
					task: handout.taskId && { id: handout.taskId, note: note ?? '' },
					work: handout.work,
					from,
					at: handout.createdAt.toISOString(),
					current: handout.sessionId === sessionId,
					to: targets.get(handout.personId ?? handout.groupId ?? '') ?? null,
					collectedAt: handout.collectedAt?.toISOString() ?? null,
					document: opens && !opens.archivedAt ? documentOf(opens) : null,
					copyId: copy?.id ?? null,
					handedInAt: (copy && handedIn.get(copy.documentId)) ?? null,
					copies: leading
						? own.map((one) => ({
								id: one.id,
								document: documentOf(one.document),
								owner: one.owner,
								openedAt: one.openedAt?.toISOString() ?? null,
								handedInAt: handedIn.get(one.documentId) ?? null,
								returnedAt: one.returnedAt?.toISOString() ?? null,
								written: written.get(one.documentId) ?? []
							}))
						: []
				};
			})
		};
	});
}

/** The groups of a room in which somebody is. */
async function groupsOf(ctx: Context, room: RoomRow, me: PersonId): Promise<ReadonlySet<RoomId>> {
	const rows = await ctx.db
		.select({ groupId: groupMembers.groupId })
		.from(groupMembers)
		.innerJoin(rooms, eq(rooms.id, groupMembers.groupId))
		.where(and(eq(groupMembers.personId, me), eq(rooms.parentId, room.id)));
	return new Set(rows.map(({ groupId }) => groupId));
}

async function copiesOf(
	ctx: Context,
	handed: readonly HandoutRow[],
	own: { me: PersonId; groups: RoomId[] } | null
): Promise<CopyWith[]> {
	const ids = handed.map(({ id }) => id);
	if (ids.length === 0) return [];
	const rows = await ctx.db
		.select({ copy: handoutCopies, document: documents, person: people.name, group: rooms.title })
		.from(handoutCopies)
		.innerJoin(documents, eq(documents.id, handoutCopies.documentId))
		.leftJoin(people, eq(people.id, handoutCopies.personId))
		.leftJoin(rooms, eq(rooms.id, handoutCopies.groupId))
		.where(
			and(
				inArray(handoutCopies.handoutId, ids),
				own ? or(eq(handoutCopies.personId, own.me), inArray(handoutCopies.groupId, own.groups)) : undefined
			)
		)
		.orderBy(asc(handoutCopies.id));
	return rows.map(({ copy, document, person, group }) => ({ ...copy, document, owner: person ?? group ?? '' }));
}

/** When each copy was handed in last; not when it was handed back since. */
async function handInsOf(ctx: Context, copies: readonly CopyWith[]): Promise<Map<DocumentId, string>> {
	if (copies.length === 0) return new Map();
	const rows = await ctx.db
		.select({ documentId: documentVersions.documentId, at: max(documentVersions.at) })
		.from(documentVersions)
		.where(
			and(
				eq(documentVersions.kind, 'handedIn'),
				inArray(
					documentVersions.documentId,
					copies.map(({ documentId }) => documentId)
				)
			)
		)
		.groupBy(documentVersions.documentId);
	return new Map(
		rows.flatMap(({ documentId, at }) => {
			const returned = copies.find((copy) => copy.documentId === documentId)?.returnedAt;
			return at && (!returned || returned < at) ? [[documentId, at.toISOString()] as const] : [];
		})
	);
}

/** Who wrote how much in copies, after what was in them from the beginning. */
async function writtenIn(ctx: Context, copies: readonly CopyWith[]): Promise<Map<string, Copy['written']>> {
	const found = new Map<string, Copy['written']>();
	if (copies.length === 0) return found;
	const rows = await ctx.db
		.select({
			documentId: documentUpdates.documentId,
			name: people.name,
			characters: sql<number>`sum((${documentUpdates.effects} ->> 'inserted')::int)::int`
		})
		.from(documentUpdates)
		.innerJoin(people, eq(people.id, documentUpdates.personId))
		.where(
			and(
				gt(documentUpdates.seq, 0),
				inArray(
					documentUpdates.documentId,
					copies.map(({ documentId }) => documentId)
				)
			)
		)
		.groupBy(documentUpdates.documentId, people.id, people.name)
		.orderBy(asc(people.name));
	for (const { documentId, name, characters } of rows) {
		if (characters > 0) found.set(documentId, [...(found.get(documentId) ?? []), { name, characters }]);
	}
	return found;
}

/** The names of those to whom something was handed out, when not to all. */
async function targetsOf(ctx: Context, of: readonly HandoutRow[]): Promise<Map<string, string>> {
	const persons = of.flatMap(({ personId }) => personId ?? []);
	const groups = of.flatMap(({ groupId }) => groupId ?? []);
	const names = new Map<string, string>();
	if (persons.length > 0)
		for (const { id, name } of await ctx.db
			.select({ id: people.id, name: people.name })
			.from(people)
			.where(inArray(people.id, persons)))
			names.set(id, name);
	if (groups.length > 0)
		for (const { id, title } of await ctx.db
			.select({ id: rooms.id, title: rooms.title })
			.from(rooms)
			.where(inArray(rooms.id, groups)))
			names.set(id, title);
	return names;
}
