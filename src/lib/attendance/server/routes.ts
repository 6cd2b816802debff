import { z } from '@hono/zod-openapi';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { Role, spaceKinds } from '#lib/spaces/model.ts';
import { NoteAttendance, reasons } from '../model.ts';
import { exportAttendance, noteAttendance, seeAttendance } from './index.ts';

const Moment = z.iso.datetime().nullable();
const Sheet = z
	.object({
		room: z.object({ id: z.uuid(), title: z.string(), space: z.object({ name: z.string(), kind: z.enum(spaceKinds) }) }),
		session: z.object({ id: z.uuid(), startedAt: z.iso.datetime(), endedAt: Moment }).nullable(),
		from: Moment,
		to: Moment,
		rows: z.array(
			z.object({
				personId: z.uuid(),
				name: z.string(),
				number: z.string(),
				role: Role,
				joinedAt: Moment,
				leftAt: Moment,
				inside: z.number().describe('milliseconds'),
				presence: z.enum(['there', 'late', 'early', 'lateAndEarly', 'absent', 'excused']),
				reason: z.enum(reasons).nullable(),
				note: z.string()
			})
		)
	})
	.openapi('Attendance');
const RoomParam = z.object({ roomId: z.uuid() });
const OfSession = z.object({ sessionId: z.uuid().optional() });
const excel = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export const attendanceRoutes = newApi()
	.openapi(
		route('attendance.see', {
			method: 'get',
			path: '/rooms/{roomId}/attendance',
			summary: 'Who was at a session, when, and who was missing',
			request: { params: RoomParam, query: OfSession },
			responses: answers(Sheet, 'the latest session, unless one is named')
		}),
		async (c) => c.json(await seeAttendance(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('attendance.see', {
			method: 'get',
			path: '/rooms/{roomId}/attendance.xlsx',
			summary: 'The same as an Excel file',
			request: { params: RoomParam, query: OfSession },
			responses: { 200: { description: 'Excel', content: { [excel]: { schema: z.string() } } } }
		}),
		async (c) => {
			const { name, bytes } = await exportAttendance(
				c.env.ctx,
				{ ...c.req.valid('param'), ...c.req.valid('query') },
				c.env.locale
			);
			return c.body(bytes, 200, {
				'content-type': excel,
				'content-disposition': `attachment; filename="attendance.xlsx"; filename*=UTF-8''${encodeURIComponent(name)}`
			});
		}
	)
	.openapi(
		route('attendance.note', {
			method: 'post',
			path: '/rooms/{roomId}/attendance/notes',
			summary: 'Write down why somebody was not there',
			request: { params: RoomParam, body: takes(NoteAttendance.omit({ roomId: true })) },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await noteAttendance(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') });
			return c.json(done, 200);
		}
	);
