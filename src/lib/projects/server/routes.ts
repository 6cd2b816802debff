import { z } from '@hono/zod-openapi';
import { documentKinds } from '#lib/documents/model.ts';
import { answers, Done, done, newApi, route, takes } from '#lib/server/route.ts';
import { AddMilestone, AddTask, ChangeMilestone, ChangeTask, MoveTask, taskStates } from '../model.ts';
import {
	addMilestone,
	addTask,
	changeMilestone,
	changeTask,
	linkDocument,
	moveTask,
	removeMilestone,
	removeTask,
	restoreTask,
	seeProgress,
	seeProject,
	seeTask,
	unlinkDocument
} from './index.ts';

const Day = z.iso.date();
const Task = z
	.object({
		id: z.uuid(),
		title: z.string(),
		note: z.string(),
		state: z.enum(taskStates),
		owner: z.object({ id: z.uuid(), name: z.string().nullable() }).nullable(),
		startsOn: Day.nullable(),
		dueOn: Day.nullable(),
		milestoneId: z.uuid().nullable(),
		position: z.number(),
		documents: z.array(z.object({ id: z.uuid(), kind: z.enum(documentKinds), title: z.string() })),
		revision: z.number()
	})
	.openapi('Task');
const Milestone = z.object({ id: z.uuid(), title: z.string(), on: Day }).openapi('Milestone');
const Page = z
	.object({
		tasks: z.array(Task),
		next: z.string().nullable(),
		milestones: z.array(Milestone),
		people: z.array(z.object({ id: z.uuid(), name: z.string(), hat: z.string() })),
		can: z.object({ change: z.boolean() })
	})
	.openapi('Project');
const Progress = z
	.object({
		done: z.number(),
		total: z.number(),
		overdue: z.number(),
		next: z.object({ title: z.string(), on: Day }).nullable()
	})
	.openapi('Progress');

const RoomParam = z.object({ roomId: z.uuid() });
const TaskParam = z.object({ roomId: z.uuid(), taskId: z.uuid() });
const LinkParam = z.object({ roomId: z.uuid(), taskId: z.uuid(), documentId: z.uuid() });
const MilestoneParam = z.object({ roomId: z.uuid(), milestoneId: z.uuid() });

export const projectsRoutes = newApi()
	.openapi(
		route('project.see', {
			method: 'get',
			path: '/rooms/{roomId}/project',
			summary: 'What a room has to do, a page of tasks at a time',
			request: { params: RoomParam, query: z.object({ after: z.uuid().optional() }) },
			responses: answers(Page, 'tasks, milestones and people')
		}),
		async (c) => c.json(await seeProject(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('query') }), 200)
	)
	.openapi(
		route('project.see', {
			method: 'get',
			path: '/rooms/{roomId}/project/progress',
			summary: 'How far the project of a room is',
			request: { params: RoomParam },
			responses: answers(Progress, 'the progress')
		}),
		async (c) => c.json(await seeProgress(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('project.see', {
			method: 'get',
			path: '/rooms/{roomId}/project/tasks/{taskId}',
			summary: 'One task',
			request: { params: TaskParam },
			responses: answers(Task, 'the task')
		}),
		async (c) => c.json(await seeTask(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('project.change', {
			method: 'post',
			path: '/rooms/{roomId}/project/tasks',
			summary: 'Write down something to do',
			request: { params: RoomParam, body: takes(AddTask.omit({ roomId: true })) },
			responses: answers(Task, 'the new task')
		}),
		async (c) => c.json(await addTask(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('project.change', {
			method: 'patch',
			path: '/rooms/{roomId}/project/tasks/{taskId}',
			summary: 'Change what is said about a task; what is not named stays',
			request: { params: TaskParam, body: takes(ChangeTask.omit({ roomId: true, taskId: true })) },
			responses: answers(Task, 'the task')
		}),
		async (c) => c.json(await changeTask(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('project.change', {
			method: 'post',
			path: '/rooms/{roomId}/project/tasks/{taskId}/move',
			summary: 'Put a task among those of a state, before another of them or behind all',
			request: { params: TaskParam, body: takes(MoveTask.omit({ roomId: true, taskId: true })) },
			responses: answers(Task, 'the task')
		}),
		async (c) => c.json(await moveTask(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('project.change', {
			method: 'delete',
			path: '/rooms/{roomId}/project/tasks/{taskId}',
			summary: 'Take a task away',
			request: { params: TaskParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await removeTask(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	)
	.openapi(
		route('project.change', {
			method: 'post',
			path: '/rooms/{roomId}/project/tasks/{taskId}/restore',
			summary: 'Bring back a task that was taken away',
			request: { params: TaskParam },
			responses: answers(Task, 'the task')
		}),
		async (c) => c.json(await restoreTask(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('project.change', {
			method: 'put',
			path: '/rooms/{roomId}/project/tasks/{taskId}/documents/{documentId}',
			summary: 'Say that a document of the table belongs to a task',
			request: { params: LinkParam },
			responses: answers(Task, 'the task')
		}),
		async (c) => c.json(await linkDocument(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('project.change', {
			method: 'delete',
			path: '/rooms/{roomId}/project/tasks/{taskId}/documents/{documentId}',
			summary: 'Say that a document does not belong to a task any more',
			request: { params: LinkParam },
			responses: answers(Task, 'the task')
		}),
		async (c) => c.json(await unlinkDocument(c.env.ctx, c.req.valid('param')), 200)
	)
	.openapi(
		route('project.change', {
			method: 'post',
			path: '/rooms/{roomId}/project/milestones',
			summary: 'Name a day that the project works towards',
			request: { params: RoomParam, body: takes(AddMilestone.omit({ roomId: true })) },
			responses: answers(Milestone, 'the new milestone')
		}),
		async (c) => c.json(await addMilestone(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('project.change', {
			method: 'patch',
			path: '/rooms/{roomId}/project/milestones/{milestoneId}',
			summary: 'Give a milestone another name or day',
			request: { params: MilestoneParam, body: takes(ChangeMilestone.omit({ roomId: true, milestoneId: true })) },
			responses: answers(Milestone, 'the milestone')
		}),
		async (c) => c.json(await changeMilestone(c.env.ctx, { ...c.req.valid('param'), ...c.req.valid('json') }), 200)
	)
	.openapi(
		route('project.change', {
			method: 'delete',
			path: '/rooms/{roomId}/project/milestones/{milestoneId}',
			summary: 'Take a milestone away; its tasks stay',
			request: { params: MilestoneParam },
			responses: answers(Done, 'done')
		}),
		async (c) => {
			await removeMilestone(c.env.ctx, c.req.valid('param'));
			return c.json(done, 200);
		}
	);
