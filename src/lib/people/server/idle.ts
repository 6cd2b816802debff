import { eq } from 'drizzle-orm';
import type { Services } from '#lib/server/services.ts';
import { signIns } from './table.ts';

/** However much it is used, a sign-in and its cookie end after this many seconds. */
export const longest = 30 * 86_400;

/** How far the end may lag behind the use, in milliseconds, so that not every request writes. */
const lag = 5 * 60_000;

/** When a sign-in that is used now ends unless it is used again. */
export function endOf({ SIGN_IN_IDLE_HOURS }: Services['env'], now: Date, begun: Date): Date {
	return new Date(Math.min(now.getTime() + SIGN_IN_IDLE_HOURS * 3_600_000, begun.getTime() + longest * 1_000));
}

/** A sign-in is used, and so ends later. */
export async function putOff(
	services: Pick<Services, 'database' | 'env' | 'now'>,
	{ id, createdAt, expiresAt }: { id: string; createdAt: Date; expiresAt: Date }
): Promise<void> {
	const end = endOf(services.env, services.now(), createdAt);
	if (Math.abs(end.getTime() - expiresAt.getTime()) < lag) return;
	await services.database.db.update(signIns).set({ expiresAt: end }).where(eq(signIns.id, id));
}
