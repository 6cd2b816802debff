import { and, eq, isNull } from 'drizzle-orm';
import { callBack, openGroups } from '#lib/groups/server/index.ts';
import { idOf } from '#lib/ids.ts';
import type { RoomId } from '#lib/ids.ts';
import { findRoom, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import type { RoomRow } from '#lib/rooms/server/index.ts';
import { sessions } from '#lib/rooms/server/table.ts';
import { askPrepared, dismissRound, seeRounds, startRound } from '#lib/rounds/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import { publish } from '#lib/server/changes.ts';
import type { Context } from '#lib/server/context.ts';
import { Conflict, isAppError } from '#lib/server/errors.ts';
import { transaction } from '#lib/server/transaction.ts';
import { showDeck } from '#lib/slides/server/index.ts';
import { OneSheet, Reorder, StartStep } from '../model.ts';
import type { Step } from '../model.ts';
import { findSheet } from './sheets.ts';
import { runSteps, sheetRuns } from './table.ts';

export type RunRow = typeof sheetRuns.$inferSelect;

/** What a step could not open, and why; the step itself has begun. */
export interface Begun {
	trouble: { key: string; detail: Readonly<Record<string, unknown>> } | null;
}

/** One act of somebody who leads, on the run that goes on in the session of now. */
async function leadingRun<Result>(
	ctx: Context,
	roomId: RoomId,
	act: (ctx: Context, run: RunRow, room: RoomRow) => Promise<Result>
): Promise<Result> {
	return transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'sheet.lead', placeOf(room));
		const sessionId = await sessionNow(ctx, roomId);
		const [run] = await ctx.db
			.select()
			.from(sheetRuns)
			.where(and(eq(sheetRuns.roomId, roomId), isNull(sheetRuns.endedAt)))
			.for('update');
		if (!run || run.sessionId !== sessionId) throw new Conflict('runsheets.notRunning');
		const result = await act(ctx, run, room);
		await publish(ctx.db, { kind: 'sheet', roomId });
		return result;
	});
}

/** Teach by a plan from now on; its first step begins. */
export async function runSheet(ctx: Context, input: OneSheet): Promise<Begun> {
	const one = OneSheet.parse(input);
	const first = await transaction(ctx, async (ctx) => {
		const room = await findRoom(ctx, one.roomId);
		authorize(ctx, 'sheet.lead', placeOf(room));
		const sessionId = await sessionNow(ctx, one.roomId);
		if (!sessionId) throw new Conflict('rooms.enterFirst');
		const sheet = await findSheet(ctx, one);
		const [before] = await ctx.db
			.select()
			.from(sheetRuns)
			.where(and(eq(sheetRuns.roomId, one.roomId), isNull(sheetRuns.endedAt)))
			.for('update');
		if (before) await finish(ctx, before);
		const { title, steps } = sheet;
		const about = { sheetId: sheet.id, roomId: room.id, sessionId, spacePath: room.spacePath, title, steps };
		const [run] = await ctx.db
			.insert(sheetRuns)
			.values({ ...about, startedAt: ctx.now() })
			.returning();
		const [step] = steps;
		if (!run || !step) throw new Error('a plan without steps');
		await begin(ctx, run, step);
		await publish(ctx.db, { kind: 'sheet', roomId: one.roomId });
		return step;
	});
	return open(ctx, one.roomId, first, null);
}

/** Begin a step: the next one, one that was skipped, or one that is done again. The one before ends. */
export async function startStep(ctx: Context, input: StartStep): Promise<Begun> {
	const { roomId, stepId } = StartStep.parse(input);
	const [step, before] = await leadingRun(ctx, roomId, async (ctx, run): Promise<[Step, Step | null]> => {
		const step = run.steps.find(({ id }) => id === stepId);
		if (!step) throw new Conflict('runsheets.noStep');
		const ended = await endStep(ctx, run, ctx.now());
		await begin(ctx, run, step);
		return [step, run.steps.find(({ id }) => id === ended) ?? null];
	});
	return open(ctx, roomId, step, before);
}

/** Put the steps of this lesson in another order; the plan itself stays as it is. */
export async function reorderSteps(ctx: Context, input: Reorder): Promise<void> {
	const { roomId, order } = Reorder.parse(input);
	await leadingRun(ctx, roomId, async (ctx, run) => {
		const steps = order.flatMap((id) => run.steps.find((step) => step.id === id) ?? []);
		if (steps.length !== run.steps.length || new Set(order).size !== order.length) throw new Conflict('runsheets.otherSteps');
		await ctx.db.update(sheetRuns).set({ steps }).where(eq(sheetRuns.id, run.id));
	});
}

/** The plan is done, or given up. */
export async function endRun(ctx: Context, input: { roomId: string }): Promise<void> {
	const roomId = idOf('room').parse(input.roomId);
	await leadingRun(ctx, roomId, (ctx, run) => finish(ctx, run));
}

async function begin(ctx: Context, { id: runId, sessionId, spacePath }: RunRow, step: Step): Promise<void> {
	const { id: stepId, name, minutes } = step;
	await ctx.db.insert(runSteps).values({ runId, sessionId, spacePath, stepId, name, minutes, startedAt: ctx.now() });
}

/** Ends the step that goes on; answers which it was. */
async function endStep(ctx: Context, run: RunRow, endedAt: Date): Promise<string | null> {
	const [ended] = await ctx.db
		.update(runSteps)
		.set({ endedAt })
		.where(and(eq(runSteps.runId, run.id), isNull(runSteps.endedAt)))
		.returning({ stepId: runSteps.stepId });
	return ended?.stepId ?? null;
}

/** Ends a run now, or when its session ended. */
async function finish(ctx: Context, run: RunRow): Promise<void> {
	const [session] = await ctx.db.select({ endedAt: sessions.endedAt }).from(sessions).where(eq(sessions.id, run.sessionId));
	const endedAt = session?.endedAt ?? ctx.now();
	await endStep(ctx, run, endedAt);
	await ctx.db.update(sheetRuns).set({ endedAt }).where(eq(sheetRuns.id, run.id));
}

/** Opens what a step opens. What is gone by now does not hold up the lesson: it is said. */
async function open(ctx: Context, roomId: RoomId, step: Step, before: Step | null): Promise<Begun> {
	try {
		const groups = before?.opens?.kind === 'groups' ? before.opens.id : null;
		if (groups && step.opens?.id !== groups) await callBack(ctx, { roomId, setId: groups }).catch(onlyOurs);
		if (before?.timer) await stopTimer(ctx, roomId).catch(onlyOurs);
		if (step.timer && step.minutes > 0 && step.opens?.kind !== 'question') {
			const seconds = Math.max(5, Math.min(7_200, Math.round(step.minutes * 60)));
			await startRound(ctx, { roomId, round: { kind: 'timer', seconds } });
		}
		const { opens } = step;
		if (opens?.kind === 'slides') await showDeck(ctx, { roomId, deckId: opens.id, page: opens.page, together: true });
		if (opens?.kind === 'question') await askPrepared(ctx, { roomId, roundId: opens.id });
		if (opens?.kind === 'groups') {
			const minutes = Math.round(step.minutes);
			await openGroups(ctx, { roomId, setId: opens.id, ...(step.timer && minutes >= 1 ? { minutes } : {}) });
		}
		return { trouble: null };
	} catch (error) {
		onlyOurs(error);
		return { trouble: isAppError(error) ? { key: error.key, detail: error.detail } : null };
	}
}

/** The time of a step runs no longer than the step. */
async function stopTimer(ctx: Context, roomId: RoomId): Promise<void> {
	const { round } = await seeRounds(ctx, { roomId });
	if (round?.kind === 'timer') await dismissRound(ctx, { roomId, roundId: round.id });
}

/** What a verb refused is told; what broke is thrown on. */
function onlyOurs(error: unknown): void {
	if (!isAppError(error) || error.status >= 500) throw error;
}
