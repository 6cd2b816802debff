import { z } from '@hono/zod-openapi';
import { sentence } from '#lib/server/problem.ts';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { ChangeSheet, MakeSheet, Reorder, StartStep, Step } from '../model.ts';
import {
	changeSheet,
	copySheet,
	dropSheet,
	endRun,
	exportReport,
	makeSheet,
	reorderSteps,
	runSheet,
	seeReport,
	seeSheets,
	startStep,
	stepsOf
} from './index.ts';

const StepView = z.object({
	id: z.string(),
	name: z.string(),
	minutes: z.number(),
	timer: z.boolean(),
	opens: Step.shape.opens.unwrap(),
	note: z.string()
});
const Sheets = z
	.object({
		now: z.iso.datetime(),
		run: z
			.object({
				title: z.string(),
				current: z
					.object({
						stepId: z.string(),
						name: z.string(),
						minutes: z.number(),
						startedAt: z.iso.datetime(),
						used: z.number(),
						documentId: z.string().nullable()
					})
					.nullable(),
				steps: z.array(StepView.extend({ times: z.int(), used: z.number() }))
			})
			.nullable(),
		sheets: z.array(z.object({ id: z.uuid(), title: z.string(), steps: z.array(StepView) })),
		elsewhere: z.array(z.object({ id: z.uuid(), title: z.string(), room: z.string(), steps: z.int() }))
	})
	.openapi('RunSheets');
const Report = z
	.object({
		room: z.object({ id: z.uuid(), title: z.string(), space: z.string() }),
		session: z.object({ id: z.uuid(), startedAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable() }).nullable(),
		title: z.string().nullable(),
		rows: z.array(
			z.object({
				stepId: z.string(),
				name: z.string(),
				planned: z.number().describe('minutes'),
				used: z.number().describe('milliseconds'),
				times: z.int()
			})
		)
	})
	.openapi('RunReport');
const Times = z
	.array(z.object({ stepId: z.string(), name: z.string(), minutes: z.number(), from: z.number(), to: z.number().nullable() }))
	.openapi('StepTimes');
const Made = z.object({ id: z.uuid() }).openapi('RunSheet');
/** What the step could not open, in a sentence; the step has begun. */
const Begun = z.object({ trouble: z.string().nullable() }).openapi('BegunStep');
const RoomParam = z.object({ roomId: z.uuid() });
const SheetParam = RoomParam.extend({ sheetId: z.uuid() });
const SessionParam = RoomParam.extend({ sessionId: z.uuid() });
const OfSession = z.object({ sessionId: z.uuid().optional() });
const room = { roomId: true } as const;
const excel = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export const runsheetsRoutes = newApi()
	.openapi(
		route('sheet.see', {
			method: 'get',
			path: '/rooms/{roomId}/run-sheets',
			summary: 'The step of the lesson that goes on; for those who lead also the plans of the room',
			request: { params: RoomParam },
			responses: answers(Sheets, 'plans')
		}),
		async (c) => c.json(await seeSheets(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('sheet.lead', {
			method: 'post',
			path: '/rooms/{roomId}/run-sheets',
			summary: 'Write a plan for lessons in this room',
			request: { params: RoomParam, body: takes(MakeSheet.omit(room)) },
			responses: answers(Made, 'the plan')
		}),
		async (c) => c.json(await makeSheet(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('sheet.lead', {
			method: 'put',
			path: '/rooms/{roomId}/run-sheets/{sheetId}',
			summary: 'Change a plan',
			request: { params: SheetParam, body: takes(ChangeSheet.omit({ roomId: true, sheetId: true })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await changeSheet(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('sheet.lead', {
			method: 'delete',
			path: '/rooms/{roomId}/run-sheets/{sheetId}',
			summary: 'Put a plan away',
			request: { params: SheetParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await dropSheet(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('sheet.lead', {
			method: 'post',
			path: '/rooms/{roomId}/run-sheets/{sheetId}/copy',
			summary: 'Take a plan of one’s own into this room',
			request: { params: SheetParam },
			responses: answers(Made, 'the plan')
		}),
		async (c) => c.json(await copySheet(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('sheet.lead', {
			method: 'post',
			path: '/rooms/{roomId}/run-sheets/{sheetId}/run',
			summary: 'Teach by a plan; its first step begins',
			request: { params: SheetParam },
			responses: answers(Begun, 'begun')
		}),
		async (c) => {
			const { trouble } = await runSheet(c.env.ctx, c.req.valid('param'));
			return c.json({ trouble: trouble && sentence(trouble.key, c.env.locale, trouble.detail) }, 200);
		}
	)
	.openapi(
		route('sheet.lead', {
			method: 'post',
			path: '/rooms/{roomId}/run/step',
			summary: 'Begin a step; the one before ends',
			request: { params: RoomParam, body: takes(StartStep.omit(room)) },
			responses: answers(Begun, 'begun')
		}),
		async (c) => {
			const { trouble } = await startStep(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json({ trouble: trouble && sentence(trouble.key, c.env.locale, trouble.detail) }, 200);
		}
	)
	.openapi(
		route('sheet.lead', {
			method: 'post',
			path: '/rooms/{roomId}/run/order',
			summary: 'Put the steps of this lesson in another order',
			request: { params: RoomParam, body: takes(Reorder.omit(room)) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await reorderSteps(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	)
	.openapi(
		route('sheet.lead', {
			method: 'post',
			path: '/rooms/{roomId}/run/end',
			summary: 'The plan is done',
			request: { params: RoomParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await endRun(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('sheet.lead', {
			method: 'get',
			path: '/rooms/{roomId}/run-report',
			summary: 'Planned and needed time of each step; of the latest session that went by a plan, unless one is named',
			request: { params: RoomParam, query: OfSession },
			responses: answers(Report, 'the report')
		}),
		async (c) => c.json(await seeReport(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('sheet.lead', {
			method: 'get',
			path: '/rooms/{roomId}/run-report.xlsx',
			summary: 'The same as an Excel file',
			request: { params: RoomParam, query: OfSession },
			responses: { 200: { description: 'Excel', content: { [excel]: { schema: z.string() } } } }
		}),
		async (c) => {
			const asked = { ...c.req.valid('param'), ...c.req.valid('query') };
			const { name, bytes } = await exportReport(c.env.ctx, asked, c.env.locale);
			return c.body(bytes, 200, {
				'content-type': excel,
				'content-disposition': `attachment; filename="steps.xlsx"; filename*=UTF-8''${encodeURIComponent(name)}`
			});
		}
	)
	.openapi(
		route('sheet.see', {
			method: 'get',
			path: '/rooms/{roomId}/sessions/{sessionId}/steps',
			summary: 'When each step of a session began and ended: the chapters of its recording',
			request: { params: SessionParam },
			responses: answers(Times, 'steps by time')
		}),
		async (c) => c.json(await stepsOf(c.env.ctx, c.req.valid('param')), 200)
	);
