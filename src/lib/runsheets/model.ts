import { z } from 'zod';
import { idOf } from '#lib/ids.ts';

/** What a step of a lesson opens when it begins. */
export const openings = ['slides', 'groups', 'question', 'document'] as const;
export type Opening = (typeof openings)[number];

export const mostSteps = 40;
/** Plans that lie in one room. */
export const mostSheets = 50;
/** The longest step, in minutes. */
export const longestStep = 240;

const StepId = z.string().regex(/^[a-z0-9]{4,24}$/);
const Opens = z.discriminatedUnion('kind', [
	z.strictObject({ kind: z.literal('slides'), id: idOf('deck'), page: z.int().min(1).max(300).default(1) }),
	z.strictObject({ kind: z.literal('groups'), id: idOf('groupSet') }),
	z.strictObject({ kind: z.literal('question'), id: idOf('round') }),
	z.strictObject({ kind: z.literal('document'), id: idOf('document') })
]);

/** One step of a plan: its name, how long it may take, and what it opens. */
export const Step = z.strictObject({
	id: StepId,
	name: z.string().trim().min(1).max(80),
	/** 0: as long as it takes. */
	minutes: z.number().min(0).max(longestStep),
	/** Everybody sees the time run down. */
	timer: z.boolean().default(false),
	opens: Opens.nullable().default(null),
	/** Only for whoever leads. */
	note: z.string().trim().max(1_000).default('')
});
export type Step = z.output<typeof Step>;
export type StepInput = z.input<typeof Step>;

const Steps = z
	.array(Step)
	.min(1)
	.max(mostSteps)
	.refine((steps) => new Set(steps.map(({ id }) => id)).size === steps.length, { message: 'each step once' });
const OneRoom = { roomId: idOf('room') };
const Title = z.string().trim().min(1).max(80);

export const MakeSheet = z.strictObject({ ...OneRoom, title: Title, steps: Steps });
export type MakeSheet = z.input<typeof MakeSheet>;
export const OneSheet = z.strictObject({ ...OneRoom, sheetId: idOf('sheet') });
export type OneSheet = z.input<typeof OneSheet>;
export const ChangeSheet = OneSheet.extend({ title: Title, steps: Steps });
export type ChangeSheet = z.input<typeof ChangeSheet>;
export const StartStep = z.strictObject({ ...OneRoom, stepId: StepId });
export type StartStep = z.input<typeof StartStep>;
export const Reorder = z.strictObject({ ...OneRoom, order: z.array(StepId).min(1).max(mostSteps) });
export type Reorder = z.input<typeof Reorder>;
export const SeeReport = z.strictObject({ ...OneRoom, sessionId: idOf('session').optional() });
export type SeeReport = z.input<typeof SeeReport>;

/** A plan that lies in a room. */
export interface SheetView {
	id: string;
	title: string;
	steps: Step[];
}

/** A step while a lesson goes by its plan. */
export interface RunStep extends Step {
	/** How often it was begun, and the milliseconds that it took until now, without what goes on. */
	times: number;
	used: number;
}

/** A lesson that goes by its plan. */
export interface RunView {
	title: string;
	current: {
		stepId: string;
		name: string;
		minutes: number;
		startedAt: string;
		/** What was used of it before, in milliseconds: a step may be begun again. */
		used: number;
		/** The document that it puts before everybody. */
		documentId: string | null;
	} | null;
	/** Only for those who lead, in the order of now. */
	steps: RunStep[];
}

export interface SheetsView {
	now: string;
	run: RunView | null;
	/** Only for those who lead: the plans of this room, and those that the asker has in other rooms. */
	sheets: SheetView[];
	elsewhere: { id: string; title: string; room: string; steps: number }[];
}

/** One beginning and end of a step, as a later look at the lesson has it. */
export interface StepTime {
	stepId: string;
	name: string;
	minutes: number;
	/** Seconds from the beginning of the session; `to` null while it goes on. */
	from: number;
	to: number | null;
}

export interface ReportRow {
	stepId: string;
	name: string;
	/** Planned, in minutes. */
	planned: number;
	/** Used, in milliseconds. */
	used: number;
	times: number;
}

export interface Report {
	room: { id: string; title: string; space: string };
	session: { id: string; startedAt: string; endedAt: string | null } | null;
	title: string | null;
	rows: ReportRow[];
}
