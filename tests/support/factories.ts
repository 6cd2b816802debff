import { newId } from '#lib/ids.ts';
import type { PersonId } from '#lib/ids.ts';
import { people } from '#lib/people/server/table.ts';
import { rooms } from '#lib/rooms/server/table.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import type { RoomKind } from '#lib/rooms/model.ts';
import { requestContext, systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { transaction } from '#lib/server/transaction.ts';
import { hatOf } from '#lib/spaces/model.ts';
import type { Role, SpaceKind } from '#lib/spaces/model.ts';
import { insertSpace } from '#lib/spaces/server/index.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import { memberships } from '#lib/spaces/server/table.ts';

/** What tests make a small world of, past the verbs: each row is really there. */
export function factories(services: Services) {
	const system = systemContext(services);
	let count = 0;

	return {
		space: (kind: SpaceKind, parent: SpaceRow | null = null, name = `${kind} ${++count}`): Promise<SpaceRow> =>
			transaction(system, (ctx) => insertSpace(ctx, { parent, kind, name })),

		/** A person with roles in spaces, enrolled where the first role is. */
		person: (name: string, roles: readonly (readonly [Role, SpaceRow])[]): Promise<PersonId> =>
			transaction(system, async (ctx) => {
				const id = newId<'person'>();
				const homePath = roles[0]?.[1].path.split('.').slice(0, 2).join('.') ?? 'nowhere';
				await ctx.db.insert(people).values({ id, name, number: `T${++count}${id.slice(-6)}`, homePath });
				for (const [role, space] of roles) {
					await ctx.db
						.insert(memberships)
						.values({ personId: id, spaceId: space.id, spacePath: space.path, role, since: '2026-01-01' });
				}
				return id;
			}),

		room: (kind: RoomKind, space: SpaceRow, title = `${kind} ${++count}`): Promise<RoomRow> =>
			transaction(system, async (ctx) => {
				const [room] = await ctx.db.insert(rooms).values({ kind, title, spaceId: space.id, spacePath: space.path }).returning();
				if (!room) throw new Error('no room');
				return room;
			}),

		/** The context of a request that a person sends in the capacity of these roles. */
		as: (personId: PersonId, roles: readonly (readonly [Role, SpaceRow])[], name = 'someone'): Context =>
			requestContext(services, {
				actor: {
					personId,
					accountId: `account of ${personId}`,
					signInId: `sign-in of ${personId}`,
					name,
					hat: hatOf(roles[0]?.[0] ?? 'student'),
					hats: [...new Set(roles.map(([role]) => hatOf(role)))],
					memberships: roles.map(([role, space]) => ({ role, path: space.path, spaceId: space.id })),
					mustChangePassword: false
				},
				address: '192.0.2.1',
				requestId: null
			})
	};
}
