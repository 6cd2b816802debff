import { and, asc, desc, eq, isNull, ne } from 'drizzle-orm';
import { idOf } from '#lib/ids.ts';
import type { RoomId, SessionId } from '#lib/ids.ts';
import { findRoom, placeOf, sessionNow } from '#lib/rooms/server/index.ts';
import { rooms, sessions } from '#lib/rooms/server/table.ts';
import { authorize, may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { requireActor } from '#lib/server/context.ts';
import { Conflict } from '#lib/server/errors.ts';
import { query } from '#lib/server/transaction.ts';
import { findSpace } from '#lib/spaces/server/index.ts';
import { mostSheets, SeeReport } from '../model.ts';
import type { Report, ReportRow, RunView, SheetsView, StepTime } from '../model.ts';
import type { RunRow } from './run.ts';
import { runSheets, runSteps, sheetRuns } from './table.ts';

type StepRow = typeof runSteps.$inferSelect;
type SessionRow = typeof sessions.$inferSelect;

const lengthOf = ({ startedAt, endedAt }: StepRow): number =>
	endedAt ? Math.max(0, endedAt.getTime() - startedAt.getTime()) : 0;

async function runView(ctx: Context, run: RunRow, leading: boolean): Promise<RunView> {
	const rows = await ctx.db.select().from(runSteps).where(eq(runSteps.runId, run.id)).orderBy(asc(runSteps.startedAt));
	const usedOf = (id: string) => rows.filter(({ stepId }) => stepId === id).reduce((sum, row) => sum + lengthOf(row), 0);
	const going = rows.find(({ endedAt }) => endedAt === null);
	const step = run.steps.find(({ id }) => id === going?.stepId);
	return {
		title: leading ? run.title : '',
		current: going
			? {
					stepId: going.stepId,
					name: going.name,
					minutes: going.minutes,
					startedAt: going.startedAt.toISOString(),
					used: usedOf(going.stepId),
					documentId: step?.opens?.kind === 'document' ? step.opens.id : null
				}
			: null,
		steps: leading
			? run.steps.map((step) => ({
					...step,
					times: rows.filter(({ stepId }) => stepId === step.id).length,
					used: usedOf(step.id)
				}))
			: []
	};
}

/** The step of the lesson that goes on; for those who lead all steps, the plans of the room and their own elsewhere. */
export async function seeSheets(ctx: Context, input: { roomId: string }): Promise<SheetsView> {
	const roomId = idOf('room').parse(input.roomId);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'sheet.see', placeOf(room));
		const leading = may(ctx, 'sheet.lead', placeOf(room));
		const sessionId = await sessionNow(ctx, roomId);
		const [run] = sessionId
			? await ctx.db
					.select()
					.from(sheetRuns)
					.where(and(eq(sheetRuns.roomId, roomId), eq(sheetRuns.sessionId, sessionId), isNull(sheetRuns.endedAt)))
			: [];
		const shown = { id: runSheets.id, title: runSheets.title, steps: runSheets.steps };
		const sheets = leading
			? await ctx.db
					.select(shown)
					.from(runSheets)
					.where(and(eq(runSheets.roomId, roomId), isNull(runSheets.archivedAt)))
					.orderBy(desc(runSheets.createdAt))
					.limit(mostSheets)
			: [];
		const elsewhere = leading
			? await ctx.db
					.select({ ...shown, room: rooms.title })
					.from(runSheets)
					.innerJoin(rooms, eq(rooms.id, runSheets.roomId))
					.where(
						and(ne(runSheets.roomId, roomId), eq(runSheets.ownerId, requireActor(ctx).personId), isNull(runSheets.archivedAt))
					)
					.orderBy(desc(runSheets.createdAt))
					.limit(mostSheets)
			: [];
		return {
			now: ctx.now().toISOString(),
			run: run ? await runView(ctx, run, leading) : null,
			sheets,
			elsewhere: elsewhere.map(({ steps, ...sheet }) => ({ ...sheet, steps: steps.length }))
		};
	});
}

async function findSession(ctx: Context, roomId: RoomId, sessionId: SessionId): Promise<SessionRow> {
	const [session] = await ctx.db
		.select()
		.from(sessions)
		.where(and(eq(sessions.id, sessionId), eq(sessions.roomId, roomId)));
	if (!session) throw new Conflict('runsheets.noSession');
	return session;
}

const stepsIn = (ctx: Context, sessionId: SessionId): Promise<StepRow[]> =>
	ctx.db.select().from(runSteps).where(eq(runSteps.sessionId, sessionId)).orderBy(asc(runSteps.startedAt), asc(runSteps.id));

/** When each step of a session began and ended, in seconds from its beginning: the chapters of its recording. */
export async function stepsOf(ctx: Context, input: { roomId: string; sessionId: string }): Promise<StepTime[]> {
	const [roomId, sessionId] = [idOf('room').parse(input.roomId), idOf('session').parse(input.sessionId)];
	return query(ctx, async (ctx) => {
		authorize(ctx, 'sheet.see', placeOf(await findRoom(ctx, roomId)));
		const session = await findSession(ctx, roomId, sessionId);
		const seconds = (at: Date | null) => at && Math.max(0, (at.getTime() - session.startedAt.getTime()) / 1_000);
		return (await stepsIn(ctx, sessionId)).map(({ stepId, name, minutes, startedAt, endedAt }) => ({
			stepId,
			name,
			minutes,
			from: seconds(startedAt) ?? 0,
			to: seconds(endedAt ?? session.endedAt)
		}));
	});
}

/** What was planned and what was needed, of one session or of the latest that went by a plan. */
export async function seeReport(ctx: Context, input: SeeReport): Promise<Report> {
	const { roomId, sessionId } = SeeReport.parse(input);
	return query(ctx, async (ctx) => {
		const room = await findRoom(ctx, roomId);
		authorize(ctx, 'sheet.lead', placeOf(room));
		const space = await findSpace(ctx, room.spaceId);
		const about = { id: room.id, title: room.title, space: space.name };
		if (sessionId) await findSession(ctx, roomId, sessionId);
		const [found] = await ctx.db
			.select({ run: sheetRuns, session: sessions })
			.from(sheetRuns)
			.innerJoin(sessions, eq(sessions.id, sheetRuns.sessionId))
			.where(and(eq(sheetRuns.roomId, roomId), sessionId && eq(sheetRuns.sessionId, sessionId)))
			.orderBy(desc(sheetRuns.startedAt))
			.limit(1);
		if (!found) return { room: about, session: null, title: null, rows: [] };
		const { run, session } = found;
		const rows = (await stepsIn(ctx, session.id)).filter(({ runId }) => runId === run.id);
		const until = run.endedAt ?? session.endedAt ?? ctx.now();
		const took = (row: StepRow) => lengthOf({ ...row, endedAt: row.endedAt ?? until });
		return {
			room: about,
			session: {
				id: session.id,
				startedAt: session.startedAt.toISOString(),
				endedAt: session.endedAt?.toISOString() ?? null
			},
			title: run.title,
			rows: run.steps.map(({ id, name, minutes }): ReportRow => {
				const own = rows.filter(({ stepId }) => stepId === id);
				return { stepId: id, name, planned: minutes, used: own.reduce((sum, row) => sum + took(row), 0), times: own.length };
			})
		};
	});
}
