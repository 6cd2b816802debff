import { findDocument, redeemTokens, rightTo } from '#lib/documents/server/index.ts';
import type { Closing, DocumentRight } from '#lib/documents/model.ts';
import type { DocumentId } from '#lib/ids.ts';
import { whoHold } from '#lib/people/server/index.ts';
import { groupsOf, keptOutOf } from '#lib/rooms/server/index.ts';
import { requestContext, systemContext } from '#lib/server/context.ts';
import type { Actor, Context } from '#lib/server/context.ts';
import { isAppError } from '#lib/server/errors.ts';
import { policy } from '#lib/server/policy.ts';
import { permits } from '#lib/server/rule.ts';
import type { Services } from '#lib/server/services.ts';
import { query, visiblePaths } from '#lib/server/transaction.ts';
import { hatOf } from '#lib/spaces/model.ts';
import type { Role } from '#lib/spaces/model.ts';
import type { Holder } from './connection.ts';
import { gathered } from './gathered.ts';

/** What somebody opened, with which sign-in and in which capacity. */
export interface Opened {
	readonly documentId: DocumentId;
	readonly signInId: string;
	readonly role: Role;
}
export type Standing = { readonly right: DocumentRight; readonly name: string } | { readonly closing: Closing };

/** Who may do what with which document; a whole class that opens its page is one question to the database, not 45. */
export interface Rights {
	/** Burns a token; what it gives its holder now. Throws when the database is away. */
	redeem(given: { token: string; documentId: DocumentId }): Promise<Holder | { readonly closing: Closing }>;
	/** What a sign-in may do with a document now, in the capacity in which it was opened. Throws when the database is away. */
	standing(opened: Opened): Promise<Standing>;
}

export function readRights(services: Services): Rights {
	const redeem = gathered((given: readonly { token: string; documentId: DocumentId }[]) =>
		redeemTokens(systemContext(services), given)
	);
	const standing = gathered((opened: readonly Opened[]) => standingsOf(services, opened));
	return {
		standing,
		async redeem(given) {
			const bound = await redeem(given);
			if (!bound) return { closing: 'badToken' };
			const now = await standing(bound);
			if ('closing' in now) return now;
			const { personId, role, signInId, documentId } = bound;
			return { personId, role, signInId, documentId, name: now.name, right: bound.right === 'write' ? now.right : bound.right };
		}
	};
}

async function standingsOf(services: Services, opened: readonly Opened[]): Promise<Standing[]> {
	const actors = await whoHold(services, [...new Set(opened.map(({ signInId }) => signInId))]);
	/** The walls around documents and rooms ask for paths, not for the person: who sees the same looks once. */
	const found = new Map<string, ReturnType<typeof find>>();
	const findOnce = (actor: Actor, documentId: DocumentId) => {
		const ctx = requestContext(services, { actor, address: null, requestId: null });
		const key = [documentId, ...visiblePaths(ctx)].join();
		const finding = found.get(key) ?? find(ctx, documentId);
		found.set(key, finding);
		return finding;
	};
	const personIds = [...actors.values()].map(({ personId }) => personId);
	const [keptOut, inGroup] = await Promise.all([keptOutOf(services, personIds), groupsOf(services, personIds)]);
	return Promise.all(
		opened.map(async ({ signInId, role, documentId }): Promise<Standing> => {
			const actor = actors.get(signInId);
			if (!actor) return { closing: 'signedOut' };
			if (actor.mustChangePassword || actor.hat !== hatOf(role)) return { closing: 'noAccess' };
			const place = await findOnce(actor, documentId);
			const here = `${place?.document.roomId} ${actor.personId}`;
			if (keptOut.has(here) || keptOut.has(`${place?.room.parentId} ${actor.personId}`)) return { closing: 'noAccess' };
			if (place?.room.parentId && !inGroup.has(here) && !permits(policy['room.lead'], actor.memberships, place.place))
				return { closing: 'noAccess' };
			const granted = place && rightTo(actor, place.place, place.document);
			return granted ? { right: granted.right, name: actor.name } : { closing: 'noAccess' };
		})
	);
}

/** The document as the actor sees it; null when it lies where this person sees nothing any more, or was put away. */
async function find(ctx: Context, documentId: DocumentId) {
	try {
		return await query(ctx, (ctx) => findDocument(ctx, documentId, { outside: true, anyGroup: true }));
	} catch (error) {
		if (isAppError(error) && error.status === 404) return null;
		throw error;
	}
}
