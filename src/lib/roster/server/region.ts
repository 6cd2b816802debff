import { and, eq, isNull } from 'drizzle-orm';
import { z } from 'zod';
import { newId } from '#lib/ids.ts';
import { accounts, credentials, people } from '#lib/people/server/table.ts';
import { auditAct } from '#lib/records/server/index.ts';
import { standardRooms } from '#lib/rooms/server/index.ts';
import { requireSystem } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { insertSpace } from '#lib/spaces/server/index.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import type { SpaceKind } from '#lib/spaces/model.ts';
import { memberships, spaces } from '#lib/spaces/server/table.ts';
import { numberKey } from '../model.ts';
import { newFirstPassword } from './first-password.ts';

const Name = z.string().trim().min(1).max(80);
export const FoundRegion = z.strictObject({
	region: Name,
	number: z.string().trim().min(1).max(40),
	name: z.string().trim().min(1).max(40)
});
export type FoundRegion = z.input<typeof FoundRegion>;

/** The first person of a space: its region, made when missing, and who administers it. Of the command line only. */
export async function foundRegion(ctx: Context, input: FoundRegion): Promise<{ region: SpaceRow; password: string }> {
	const { region: title, number, name } = FoundRegion.parse(input);
	requireSystem(ctx);
	const password = newFirstPassword();
	const hash = await (await ctx.services.auth.$context).password.hash(password);
	return transaction(ctx, async (ctx) => {
		const region = await findOrMake(ctx, { kind: 'region', name: title, parent: null });
		const [personId, accountId, username] = [newId<'person'>(), newId(), numberKey(number)];
		const made = await ctx.db
			.insert(people)
			.values({ id: personId, name, number, homePath: region.path })
			.onConflictDoNothing()
			.returning();
		if (made.length === 0) throw new Conflict('roster.numberThere');
		await ctx.db
			.insert(accounts)
			.values({ id: accountId, personId, name: username, username, email: `${username}@people.invalid` });
		await ctx.db
			.insert(credentials)
			.values({ id: newId(), accountId, userId: accountId, providerId: 'credential', password: hash });
		const own = await insertSpace(ctx, { parent: region, kind: 'personal', name, ownerId: personId });
		const since = ctx.now().toISOString().slice(0, 10);
		for (const space of [region, own]) {
			await ctx.db.insert(memberships).values({ personId, spaceId: space.id, spacePath: space.path, role: 'regionAdmin', since });
		}
		await auditAct(ctx, { verb: 'region.found', object: { type: 'person', id: personId }, path: region.path });
		return { region, password };
	});
}

/** A school of a region by its name, made when missing. Of the command line only. */
export async function foundSchool(ctx: Context, { region, name }: { region: SpaceRow; name: string }): Promise<SpaceRow> {
	requireSystem(ctx);
	return transaction(ctx, async (ctx) => {
		const school = await findOrMake(ctx, { kind: 'school', name: Name.parse(name), parent: region });
		await auditAct(ctx, {
			verb: 'space.create',
			object: { type: 'space', id: school.id },
			path: school.path,
			detail: { kind: 'school' }
		});
		return school;
	});
}

async function findOrMake(
	ctx: Context,
	{ kind, name, parent }: { kind: SpaceKind; name: string; parent: SpaceRow | null }
): Promise<SpaceRow> {
	const [there] = await ctx.db
		.select()
		.from(spaces)
		.where(
			and(
				eq(spaces.kind, kind),
				eq(spaces.name, name),
				isNull(spaces.archivedAt),
				parent ? eq(spaces.parentId, parent.id) : undefined
			)
		);
	if (there) return there;
	const made = await insertSpace(ctx, { parent, kind, name });
	await standardRooms(ctx, made);
	return made;
}
