import { v7 } from 'uuid';
import { m } from '#lib/i18n/generated/messages.js';
import { call, client, Refused } from '#lib/ui/client.ts';
import { Turns } from '#lib/ui/turns.ts';
import { dayOf } from './days.ts';
import { inOrder, placeBefore, progressOf } from './model.ts';
import type { Linked, Milestone, Progress, Somebody, Task, TaskState } from './model.ts';

const routes = client.rooms[':roomId'].project;
const oneTask = routes.tasks[':taskId'];
const oneMilestone = routes.milestones[':milestoneId'];

/** What may be changed of a task, as the browser says it. */
export type TaskChange = Partial<
	Pick<Task, 'title' | 'note' | 'state' | 'startsOn' | 'dueOn' | 'milestoneId'> & { ownerId: string | null }
>;

/** Something that is shown as done and not confirmed yet. */
interface Pending {
	taskId: string;
	apply: (task: Task | undefined) => Task | undefined;
}

/** Something that was not saved, and how to try it again. */
export interface Problem {
	title: string;
	reason: string;
	again: (() => void) | null;
}

/**
 * The project of one room in one browser. What one does is shown at once, over what the server has told; when it
 * fails it disappears again, with a sentence.
 */
export class Project {
	readonly roomId: string;
	loaded = $state(false);
	failed = $state(false);
	canChange = $state(false);
	/** In their order. */
	tasks = $state.raw<Task[]>([]);
	milestones = $state.raw<Milestone[]>([]);
	people = $state.raw<{ id: string; name: string; hat: string }[]>([]);
	problems = $state.raw<Problem[]>([]);
	/** The task that was taken away last, to bring back. */
	removed = $state.raw<Task | null>(null);
	today = $state(dayOf(new Date()));
	#told = new Map<string, Task>();
	#pending: Pending[] = [];
	readonly #turns = new Turns();
	#counted = $state.raw<Progress>()!;
	#news = new Set<string | null>();
	#reading = false;
	#wanted = false;

	constructor(roomId: string, progress: Progress) {
		this.roomId = roomId;
		this.#counted = progress;
	}

	get progress(): Progress {
		return this.loaded ? progressOf(this.tasks, this.milestones, this.today) : this.#counted;
	}

	/** Somebody looks at it: from now on all of it is read and kept up. */
	open(): void {
		this.today = dayOf(new Date());
		if (this.#wanted && !this.failed) return;
		this.#wanted = true;
		void this.load();
	}

	async load(): Promise<void> {
		const param = { roomId: this.roomId };
		try {
			const found = new Map<string, Task>();
			let after: string | undefined;
			do {
				const page = await call(routes.$get({ param, query: after ? { after } : {} }));
				for (const task of page.tasks) found.set(task.id, newer(this.#told.get(task.id), task));
				this.milestones = page.milestones;
				this.people = page.people;
				this.canChange = page.can.change;
				after = page.next ?? undefined;
			} while (after);
			this.#told = found;
			this.today = dayOf(new Date());
			this.loaded = true;
			this.failed = false;
			this.#show();
		} catch {
			this.failed = !this.loaded;
		}
	}

	/** Reads again what has changed; null: anything may have. */
	hear(taskId: string | null): void {
		this.#news.add(taskId);
		if (!this.#reading) void this.#read();
	}

	async #read(): Promise<void> {
		this.#reading = true;
		while (this.#news.size > 0) {
			const news = [...this.#news];
			this.#news.clear();
			if (!this.#wanted) await this.#count();
			else if (news.includes(null) || news.length > 20) await this.load();
			else await Promise.all(news.map((id) => this.#readOne(id ?? '')));
		}
		this.#reading = false;
	}

	async #count(): Promise<void> {
		const param = { roomId: this.roomId };
		this.#counted = await call(routes.progress.$get({ param })).catch(() => this.#counted);
	}

	async #readOne(taskId: string): Promise<void> {
		try {
			this.#put(await call(oneTask.$get({ param: this.#param(taskId) })));
		} catch (thrown) {
			if (!(thrown instanceof Refused) || thrown.status !== 404) return;
			this.#told.delete(taskId);
			this.#show();
		}
	}

	add(title: string, fields: { state?: TaskState; milestoneId?: string | null; ownerId?: string | null } = {}): string {
		const id = v7();
		const last = this.tasks.at(-1)?.position ?? 0;
		const owner = fields.ownerId ? this.#somebody(fields.ownerId) : null;
		const made: Task = {
			id,
			title,
			note: '',
			state: fields.state ?? 'todo',
			owner,
			startsOn: null,
			dueOn: null,
			milestoneId: fields.milestoneId ?? null,
			position: last + 1,
			documents: [],
			revision: 0
		};
		void this.#act(title, { taskId: id, apply: (task) => task ?? made }, () =>
			call(routes.tasks.$post({ param: { roomId: this.roomId }, json: { id, title, ...fields } }))
		);
		return id;
	}

	change(task: Task, change: TaskChange): void {
		const { ownerId, ...fields } = change;
		const owner = ownerId === undefined ? {} : { owner: ownerId && this.#somebody(ownerId) };
		void this.#act(task.title, { taskId: task.id, apply: (task) => task && ({ ...task, ...fields, ...owner } as Task) }, () =>
			call(oneTask.$patch({ param: this.#param(task.id), json: change }))
		);
	}

	/** Puts a task among those of a state, before another of them, or behind all. */
	move(task: Task, state: TaskState, beforeId: string | null): void {
		const others = this.tasks.filter((other) => other.state === state && other.id !== task.id);
		const position = placeBefore(others, beforeId) ?? task.position;
		if (state === task.state && position === task.position) return;
		void this.#act(task.title, { taskId: task.id, apply: (task) => task && { ...task, state, position } }, () =>
			call(oneTask.move.$post({ param: this.#param(task.id), json: { state, beforeId } }))
		);
	}

	remove(task: Task): void {
		this.removed = task;
		void this.#act(task.title, { taskId: task.id, apply: () => undefined }, async () => {
			await call(oneTask.$delete({ param: this.#param(task.id) }));
			return null;
		});
	}

	restore(): void {
		const task = this.removed;
		this.removed = null;
		if (!task) return;
		void this.#act(task.title, { taskId: task.id, apply: (told) => told ?? task }, () =>
			call(oneTask.restore.$post({ param: this.#param(task.id) }))
		);
	}

	link(task: Task, document: Linked): void {
		const apply = (task: Task | undefined) =>
			task && { ...task, documents: [...task.documents.filter(({ id }) => id !== document.id), document] };
		void this.#act(task.title, { taskId: task.id, apply }, () =>
			call(oneTask.documents[':documentId'].$put({ param: { ...this.#param(task.id), documentId: document.id } }))
		);
	}

	unlink(task: Task, document: Linked): void {
		const apply = (task: Task | undefined) =>
			task && { ...task, documents: task.documents.filter(({ id }) => id !== document.id) };
		void this.#act(task.title, { taskId: task.id, apply }, () =>
			call(oneTask.documents[':documentId'].$delete({ param: { ...this.#param(task.id), documentId: document.id } }))
		);
	}

	async saveMilestone(id: string | null, title: string, on: string): Promise<void> {
		const { roomId } = this;
		const saved = await this.#turns.take(() =>
			id
				? call(oneMilestone.$patch({ param: { roomId, milestoneId: id }, json: { title, on } }))
				: call(routes.milestones.$post({ param: { roomId }, json: { title, on } }))
		);
		this.milestones = [...this.milestones.filter((other) => other.id !== saved.id), saved].sort((a, b) =>
			a.on.localeCompare(b.on)
		);
	}

	async removeMilestone(milestoneId: string): Promise<void> {
		await this.#turns.take(() => call(oneMilestone.$delete({ param: { roomId: this.roomId, milestoneId } })));
		this.milestones = this.milestones.filter(({ id }) => id !== milestoneId);
		await this.load();
	}

	settle(problem: Problem): void {
		this.problems = this.problems.filter((other) => other !== problem);
	}

	/** Shows an act at once, does it, and takes it back with a sentence when it fails. */
	async #act(title: string, pending: Pending, send: () => Promise<Task | null>): Promise<void> {
		this.#pending.push(pending);
		this.#show();
		let told: Task | null | undefined;
		try {
			told = await this.#turns.take(send);
		} catch (thrown) {
			// What the server refuses it refuses again; what was lost on the way is worth another try.
			const lost = !(thrown instanceof Refused) || thrown.status >= 500;
			const problem: Problem = {
				title,
				reason: lost ? m['error.offline']() : (thrown as Refused).message,
				again: lost
					? () => {
							this.settle(problem);
							void this.#act(title, pending, send);
						}
					: null
			};
			this.problems = [...this.problems, problem].slice(-3);
		}
		this.#pending = this.#pending.filter((other) => other !== pending);
		if (told === null) this.#told.delete(pending.taskId);
		if (told) this.#put(told);
		else this.#show();
	}

	#put(task: Task): void {
		this.#told.set(task.id, newer(this.#told.get(task.id), task));
		this.#show();
	}

	#show(): void {
		const shown = new Map(this.#told);
		for (const { taskId, apply } of this.#pending) {
			const task = apply(shown.get(taskId));
			if (task) shown.set(taskId, task);
			else shown.delete(taskId);
		}
		this.tasks = [...shown.values()].sort(inOrder);
	}

	#somebody = (id: string): Somebody => ({ id, name: this.people.find((person) => person.id === id)?.name ?? null });
	#param = (taskId: string) => ({ roomId: this.roomId, taskId });
}

/** Answers may come out of order: the later change counts. */
const newer = (old: Task | undefined, fresh: Task): Task => (old && old.revision > fresh.revision ? old : fresh);
