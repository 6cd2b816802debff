import { and, asc, eq, inArray, isNotNull, isNull } from 'drizzle-orm';
import { findDocument, rightTo } from '#lib/documents/server/index.ts';
import type { DocumentRow } from '#lib/documents/server/index.ts';
import { documents } from '#lib/documents/server/table.ts';
import { files } from '#lib/files/server/table.ts';
import { fileUrl } from '#lib/files/model.ts';
import type { Id, PersonId, RoomId } from '#lib/ids.ts';
import { projectTasks } from '#lib/projects/server/table.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { belongingTo, findRoom, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { groupMembers, groupSets, rooms } from '#lib/rooms/server/table.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict, Invalid } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { PushHandout } from '../model.ts';
import { copyDocument } from './copy.ts';
import { placesFor } from './places.ts';
import { handoutCopies, handouts } from './table.ts';

type Pushed = ReturnType<typeof PushHandout.parse>;

/** Put something in front of everybody, a group or one person; to work on it, each gets a copy of their own. */
export async function pushHandout(ctx: Context, input: PushHandout): Promise<{ id: string }> {
	const { roomId, what, to, each } = PushHandout.parse(input);
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'handout.lead', placeOf(room));
		if (room.parentId) throw new Invalid('handouts.notInGroups');
		const sessionId = await sessionNow(ctx, roomId);
		if (!sessionId) throw new Conflict('rooms.enterFirst');
		await checkTarget(ctx, room, to);
		const thing = await thingOf(ctx, roomId, what);
		const [handout] = await ctx.db
			.insert(handouts)
			.values({
				roomId,
				sessionId,
				spacePath: room.spacePath,
				...thing.row,
				groupId: to.kind === 'group' ? to.groupId : null,
				personId: to.kind === 'person' ? to.personId : null,
				createdBy: requireActor(ctx).personId,
				createdAt: ctx.now()
			})
			.returning();
		if (!handout) throw new Error('a handout was not inserted');
		const copies = thing.row.work && thing.document ? await copiesFor(ctx, room, handout.id, thing.document, to, each) : 0;
		await auditAct(ctx, {
			verb: 'handout.push',
			object: { type: 'room', id: roomId },
			path: room.spacePath,
			detail: { handout: handout.id, kind: what.kind, to: to.kind, copies }
		});
		await publish(ctx.db, { kind: 'handout', roomId });
		return { id: handout.id };
	});
}

async function checkTarget(ctx: Context, room: RoomRow, to: Pushed['to']): Promise<void> {
	if (to.kind === 'group') {
		const [group] = await ctx.db
			.select({ id: rooms.id })
			.from(rooms)
			.innerJoin(groupSets, eq(groupSets.id, rooms.setId))
			.where(and(eq(rooms.id, to.groupId), eq(rooms.parentId, room.id), isNull(rooms.closedAt), isNull(groupSets.archivedAt)));
		if (!group) throw new Invalid('groups.unknown');
	}
	if (to.kind === 'person' && !(await belongingTo(ctx, room, ctx.now())).some(({ personId }) => personId === to.personId))
		throw new Invalid('groups.unknown');
}

interface Thing {
	row: Pick<typeof handouts.$inferInsert, 'kind' | 'title' | 'documentId' | 'taskId' | 'fileId' | 'path' | 'work'>;
	document: DocumentRow | null;
}

/** What is handed out, as far as it belongs to this room. */
async function thingOf(ctx: Context, roomId: RoomId, what: Pushed['what']): Promise<Thing> {
	const { kind } = what;
	if (kind === 'page') return { row: { kind, title: what.title, path: what.path }, document: null };
	if (kind === 'task') {
		const [task] = await ctx.db
			.select()
			.from(projectTasks)
			.where(and(eq(projectTasks.id, what.taskId), eq(projectTasks.roomId, roomId), isNull(projectTasks.removedAt)));
		if (!task) throw new Conflict('handouts.nothing');
		return { row: { kind, title: task.title, taskId: task.id }, document: null };
	}
	if (kind === 'file') {
		const [found] = await ctx.db
			.select({ file: files })
			.from(files)
			.innerJoin(documents, eq(documents.id, files.documentId))
			.where(and(eq(files.id, what.fileId), eq(documents.roomId, roomId), isNotNull(files.sha256)));
		if (!found) throw new Conflict('handouts.nothing');
		return { row: { kind, title: found.file.name, fileId: found.file.id, path: fileUrl(found.file.id) }, document: null };
	}
	const [document] = await ctx.db
		.select()
		.from(documents)
		.where(and(eq(documents.id, what.documentId), eq(documents.roomId, roomId), isNull(documents.archivedAt)));
	if (!document) throw new Conflict('handouts.nothing');
	return { row: { kind, title: document.title, documentId: document.id, work: what.work }, document };
}

/** Makes the copies: in each group, or for each person in a place of their own. Returns how many. */
async function copiesFor(
	ctx: Context,
	room: RoomRow,
	handoutId: Id<'handout'>,
	document: DocumentRow,
	to: Pushed['to'],
	each: Pushed['each']
): Promise<number> {
	const { place } = await findDocument(ctx, document.id);
	const role = rightTo(requireActor(ctx), place, document)?.role ?? 'teacher';
	const byGroup = each === 'group' && to.kind !== 'person';
	const targets = byGroup ? await groupTargets(ctx, room, to) : await personTargets(ctx, room, handoutId, to);
	if (targets.length === 0) throw new Conflict(byGroup ? 'handouts.noGroups' : 'groups.nobody');
	const ids = await copyDocument(
		ctx,
		document,
		role,
		targets.map(({ roomId, owner }) => ({ roomId, title: `${document.title} · ${owner}` }))
	);
	await ctx.db.insert(handoutCopies).values(
		targets.flatMap(({ groupId, personId }, index) => {
			const documentId = ids[index];
			return documentId ? [{ handoutId, spacePath: room.spacePath, documentId, groupId, personId }] : [];
		})
	);
	for (const roomId of new Set(targets.map((target) => target.roomId))) await publish(ctx.db, { kind: 'room', roomId });
	return ids.length;
}

interface Target {
	roomId: RoomId;
	owner: string;
	groupId: RoomId | null;
	personId: PersonId | null;
}

async function groupTargets(ctx: Context, room: RoomRow, to: Pushed['to']): Promise<Target[]> {
	const groups = await ctx.db
		.select({ id: rooms.id, title: rooms.title })
		.from(rooms)
		.innerJoin(groupSets, eq(groupSets.id, rooms.setId))
		.where(
			and(
				eq(rooms.parentId, room.id),
				isNull(rooms.closedAt),
				to.kind === 'group' ? eq(rooms.id, to.groupId) : isNotNull(groupSets.openedAt)
			)
		)
		.orderBy(asc(rooms.position));
	return groups.map(({ id, title }) => ({ roomId: id, owner: title, groupId: id, personId: null }));
}

async function personTargets(ctx: Context, room: RoomRow, handoutId: Id<'handout'>, to: Pushed['to']): Promise<Target[]> {
	const belonging = await belongingTo(ctx, room, ctx.now());
	const members = to.kind === 'group' ? await membersOf(ctx, to.groupId) : null;
	const owners = belonging
		.filter(({ personId }) => (to.kind === 'person' ? personId === to.personId : !members || members.has(personId)))
		.toSorted((one, other) => one.number.localeCompare(other.number));
	if (owners.length === 0) return [];
	const { placesId, roomOf } = await placesFor(ctx, room, owners);
	await ctx.db.update(handouts).set({ placesId }).where(eq(handouts.id, handoutId));
	return owners.flatMap(({ personId, name }) => {
		const roomId = roomOf.get(personId);
		return roomId ? [{ roomId, owner: name, groupId: null, personId }] : [];
	});
}

async function membersOf(ctx: Context, groupId: RoomId): Promise<ReadonlySet<string>> {
	const rows = await ctx.db
		.select({ personId: groupMembers.personId })
		.from(groupMembers)
		.where(inArray(groupMembers.groupId, [groupId]));
	return new Set(rows.map(({ personId }) => personId));
}
