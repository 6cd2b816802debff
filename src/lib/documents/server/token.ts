import { createHash, randomBytes } from 'node:crypto';
import { inArray, lt } from 'drizzle-orm';
import type { DocumentId } from '#lib/ids.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Placed } from '#lib/server/authorize.ts';
import { requireActor } from '#lib/server/context.ts';
import type { Actor, Context } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { policy } from '#lib/server/policy.ts';
import type { PolicyVerb } from '#lib/server/policy.ts';
import { permits } from '#lib/server/rule.ts';
import { transaction } from '#lib/server/transaction.ts';
import type { Role } from '#lib/spaces/model.ts';
import { documentForm, OpenDocument, tokenLife } from '../model.ts';
import type { DocumentRight } from '../model.ts';
import { findDocument } from './find.ts';
import { documentTokens } from './table.ts';

export interface IssuedToken {
	token: string;
	right: DocumentRight;
	expiresAt: string;
}

/** What a person may do with a document in this place, and in which role; null when nothing. A locked one is only read and commented. */
export function rightTo(
	actor: Pick<Actor, 'memberships'>,
	place: Placed,
	{ lockedAt }: { lockedAt: Date | null }
): { right: DocumentRight; role: Role } | null {
	const role = (verb: PolicyVerb) => {
		const roles = actor.memberships
			.filter((membership) => permits(policy[verb], [membership], place))
			.map((membership) => membership.role);
		return roles.find((role) => role === 'headTeacher') ?? roles[0];
	};
	const writer = role('document.write');
	if (writer && !lockedAt) return { right: 'write', role: writer };
	const commenter = role('document.comment');
	if (commenter) return { right: 'comment', role: commenter };
	const reader = role('document.read');
	return reader ? { right: 'read', role: reader } : null;
}

/** A token that opens one connection to a document, within a minute, for the person who asks. */
export async function issueToken(ctx: Context, input: OpenDocument): Promise<IssuedToken> {
	const { documentId, form = documentForm, only } = OpenDocument.parse(input);
	if (form < documentForm) throw new Conflict('documents.closed.outdated');
	return transaction(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, 'document.read', place);
		const { personId, signInId, memberships } = requireActor(ctx);
		const granted = rightTo({ memberships }, place, document);
		if (!granted) throw new Error('a person without a right passed the policy');
		const right = only ?? granted.right;
		const token = randomBytes(32).toString('base64url');
		const expiresAt = new Date(ctx.now().getTime() + tokenLife);
		await ctx.db
			.insert(documentTokens)
			.values({ hash: hashOf(token), documentId, personId, signInId, ...granted, right, expiresAt });
		return { token, right, expiresAt: expiresAt.toISOString() };
	});
}

/**
 * Takes tokens in and burns them, whether they fit or not. Gives for each what it was bound to; null when there is
 * no such token, when it is too old, when it was made for another document, or when it is given twice.
 */
export async function redeemTokens(
	ctx: Context,
	given: readonly { token: string; documentId: DocumentId }[]
): Promise<(typeof documentTokens.$inferSelect | null)[]> {
	const hashes = given.map(({ token }) => hashOf(token));
	const burned = await transaction(ctx, (ctx) =>
		ctx.db.delete(documentTokens).where(inArray(documentTokens.hash, hashes)).returning()
	);
	const left = new Map(burned.map((bound) => [bound.hash, bound]));
	return given.map(({ documentId }, index) => {
		const hash = hashes[index] as string;
		const bound = left.get(hash);
		left.delete(hash);
		return bound && bound.documentId === documentId && bound.expiresAt > ctx.now() ? bound : null;
	});
}

/** Forgets tokens that nobody used in time. */
export async function forgetOldTokens(ctx: Context): Promise<void> {
	await transaction(ctx, (ctx) => ctx.db.delete(documentTokens).where(lt(documentTokens.expiresAt, ctx.now())));
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
