import { findDocument, rightTo } from '#lib/documents/server/index.ts';
import type { Closing, DocumentRight } from '#lib/documents/model.ts';
import type { DocumentId } from '#lib/ids.ts';
import { whoHolds } from '#lib/people/server/index.ts';
import { requestContext } from '#lib/server/context.ts';
import { isAppError } from '#lib/server/errors.ts';
import type { Services } from '#lib/server/services.ts';
import { query } from '#lib/server/transaction.ts';
import { hatOf } from '#lib/spaces/model.ts';
import type { Role } from '#lib/spaces/model.ts';

export type Standing = { readonly right: DocumentRight; readonly name: string } | { readonly closing: Closing };

/** What a sign-in may do with a document now, in the capacity in which it was opened. Throws when the database is away. */
export async function standingOf(
	services: Services,
	opened: { documentId: DocumentId; signInId: string; role: Role }
): Promise<Standing> {
	const actor = await whoHolds(services, opened.signInId);
	if (!actor) return { closing: 'signedOut' };
	if (actor.mustChangePassword || actor.hat !== hatOf(opened.role)) return { closing: 'noAccess' };
	const ctx = requestContext(services, { actor, address: null, requestId: null });
	try {
		const { document, place } = await query(ctx, (ctx) => findDocument(ctx, opened.documentId));
		const granted = rightTo(actor, place, document);
		return granted ? { right: granted.right, name: actor.name } : { closing: 'noAccess' };
	} catch (error) {
		// It was there when the token was given: now it lies where this person sees nothing, or was put away.
		if (isAppError(error) && error.status === 404) return { closing: 'noAccess' };
		throw error;
	}
}
