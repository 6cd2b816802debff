import { eq } from 'drizzle-orm';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Forbidden } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { SwitchHat } from '../model.ts';
import { auditSelf } from './audit-self.ts';
import { signIns } from './table.ts';

/** Act in another of one's capacities from now on, in the same sign-in. What is open is looked at again. */
export async function switchHat(ctx: Context, input: SwitchHat): Promise<void> {
	const { hat } = SwitchHat.parse(input);
	const actor = requireActor(ctx);
	if (!actor.hats.includes(hat)) throw new Forbidden('people.notYourRole');
	await transaction(ctx, async (ctx) => {
		await ctx.db.update(signIns).set({ hat, updatedAt: ctx.now() }).where(eq(signIns.id, actor.signInId));
		await auditSelf(ctx, 'role.switch', { to: hat });
		await publish(ctx.db, { kind: 'access', personId: actor.personId });
	});
}
