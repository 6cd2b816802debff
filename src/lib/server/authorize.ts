import type { Context } from './context.ts';
import { requireActor } from './context.ts';
import { Forbidden, NotFound } from './errors.ts';
import { policy } from './policy.ts';
import type { PolicyVerb } from './policy.ts';
import { permits } from './rule.ts';
import type { ObjectType } from './rule.ts';

/** An object as the policy sees it. */
export interface Placed {
	readonly kind: string;
	/** Path of the space in which it lies. */
	readonly path: string;
}

const seeing: Record<ObjectType, PolicyVerb> = {
	space: 'space.see',
	person: 'space.see',
	room: 'room.see',
	document: 'document.read',
	record: 'room.see',
	audit: 'space.see',
	policy: 'space.see'
};

/** Whether the actor may; for the `can` of a page. */
export function may(ctx: Context, verb: PolicyVerb, object: Placed): boolean {
	if (ctx.system) return true;
	return ctx.actor !== null && permits(policy[verb], ctx.actor.memberships, object);
}

/**
 * Refuses unless the policy lets the actor do `verb` to `object`. What the actor may not even see answers
 * like something that is not there.
 */
export function authorize(ctx: Context, verb: PolicyVerb, object: Placed): void {
	if (ctx.system) return;
	requireActor(ctx);
	if (may(ctx, verb, object)) return;
	throw may(ctx, seeing[policy[verb].object], object) ? new Forbidden() : new NotFound();
}
