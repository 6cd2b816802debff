import papa from 'papaparse';
import { verbs } from '#lib/records/vocabulary.ts';
import { findRoom, placeOf } from '#lib/rooms/server/index.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { ListEvents } from '../model.ts';
import type { EventRow } from '../model.ts';
import { eventsAfter, matching, presentEvents } from './list.ts';

/** The most events of one file; a meeting of two hours and sixty people has about 20,000. */
const largestFile = 100_000;

/** The columns of the common event table, in the order of the file. */
const columns: Record<string, (event: EventRow) => string | number> = {
	event: ({ id }) => id,
	start: ({ startedAt }) => startedAt,
	end: ({ endedAt }) => endedAt,
	actor: ({ person }) => person.id,
	actor_name: ({ person }) => person.name ?? '',
	role: ({ role }) => role,
	modality: ({ verb }) => verbs[verb].modality,
	action: ({ verb }) => verb,
	target_actor: ({ target }) => target?.id ?? '',
	target_name: ({ target }) => target?.name ?? '',
	document: ({ document }) => document?.id ?? '',
	document_title: ({ document }) => document?.title ?? '',
	amount: ({ amount }) => amount,
	inserted: ({ inserted }) => inserted,
	deleted_own: ({ deletedOwn }) => deletedOwn,
	deleted_others: ({ deletedOthers }) => deletedOthers
};

/** The events behind a number as a CSV file that Excel opens as UTF-8 and in which no cell is a formula. */
export async function exportEvents(ctx: Context, input: ListEvents): Promise<string> {
	const asked = ListEvents.parse(input);
	return query(ctx, async (ctx) => {
		authorize(ctx, 'room.analyse', placeOf(await findRoom(ctx, asked.roomId)));
		const { events } = await eventsAfter(ctx, (await matching(ctx, asked)).where, asked.after ?? null, largestFile);
		const rows = (await presentEvents(ctx, events)).map((event) => Object.values(columns).map((cell) => cell(event)));
		return `\uFEFF${papa.unparse([Object.keys(columns), ...rows], { escapeFormulae: true })}\r\n`;
	});
}
