import { eq } from 'drizzle-orm';
import type { Context } from '#lib/server/context.ts';
import { SignedOut } from '#lib/server/errors.ts';
import type { Hat } from '#lib/spaces/model.ts';
import { accounts, people } from './table.ts';
import { query } from '#lib/server/transaction.ts';

export interface Me {
	personId: string;
	name: string;
	number: string;
	hat: Hat;
	/** Every capacity that one may switch to. */
	hats: Hat[];
	mustChangePassword: boolean;
	twoFactor: boolean;
}

/** Who one is, in which capacity. */
export async function seeMyself(ctx: Context): Promise<Me> {
	const { actor } = ctx;
	if (!actor) throw new SignedOut();
	const [row] = await query(ctx, ({ db }) =>
		db
			.select({ number: people.number, twoFactor: accounts.twoFactorEnabled })
			.from(accounts)
			.innerJoin(people, eq(people.id, accounts.personId))
			.where(eq(accounts.id, actor.accountId))
	);
	return {
		personId: actor.personId,
		name: actor.name,
		number: row?.number ?? '',
		hat: actor.hat,
		hats: [...actor.hats],
		mustChangePassword: actor.mustChangePassword,
		twoFactor: row?.twoFactor ?? false
	};
}
