import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { and, asc, eq, inArray, isNotNull, isNull, lt, or } from 'drizzle-orm';
import { keepMade, storageOf } from '#lib/files/server/index.ts';
import { files } from '#lib/files/server/table.ts';
import { publish } from '#lib/server/changes.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Services } from '#lib/server/services.ts';
import { query, transaction } from '#lib/server/transaction.ts';
import type { DeckState, DeckTrouble } from '../model.ts';
import type { DeckRow } from './find.ts';
import { inspectPdf } from './inspect.ts';
import { lookAtOffice } from './office.ts';
import { findConverter } from './soffice.ts';
import type { Converter } from './soffice.ts';
import { slideDecks } from './table.ts';

// A deck's row is its job: who works on it says so every few seconds, and work of which nothing was heard is taken up again.

const beat = 5_000;
/** After how long without a word another process goes on, in milliseconds. */
export const silence = 20_000;
/** How often a file is tried: one that ended the process each time is left alone. */
const mostTries = 3;

type Work = Extract<DeckState, 'converting' | 'checking'>;

/** Makes PDFs of slides in other formats, one after the other. Returns how many it worked on. */
export const convertDue = (services: Services, converter = findConverter(services.env.SOFFICE)): Promise<number> =>
	all(services, 'converting', (deck) => convert(services, deck, converter));

/** Looks through PDFs, one after the other; they do not wait for what takes minutes. Returns how many. */
export const inspectDue = (services: Services): Promise<number> => all(services, 'checking', (deck) => inspect(services, deck));

async function all(services: Services, work: Work, run: (deck: DeckRow) => Promise<Partial<DeckRow>>): Promise<number> {
	for (let done = 0; ; done++) {
		const deck = await takeNext(services, work);
		if (!deck) return done;
		await withBeat(services, deck, async () => settle(services, deck, await run(deck)));
	}
}

/** The next to be worked on, which is then this process's. */
async function takeNext(services: Services, work: Work): Promise<DeckRow | null> {
	return transaction(systemContext(services), async (ctx) => {
		const forgotten = and(eq(slideDecks.state, work), lt(slideDecks.workedAt, new Date(ctx.now().getTime() - silence)));
		const [deck] = await ctx.db
			.select()
			.from(slideDecks)
			.where(
				and(
					isNull(slideDecks.archivedAt),
					or(eq(slideDecks.state, 'waiting'), forgotten),
					work === 'converting' ? isNull(slideDecks.pdfId) : isNotNull(slideDecks.pdfId)
				)
			)
			.orderBy(asc(slideDecks.createdAt))
			.limit(1)
			.for('update', { skipLocked: true });
		if (!deck) return null;
		const [taken] = await ctx.db
			.update(slideDecks)
			.set({ state: work, workedAt: ctx.now(), tries: deck.tries + 1 })
			.where(eq(slideDecks.id, deck.id))
			.returning();
		await publish(ctx.db, { kind: 'slides', roomId: deck.roomId, show: null });
		return taken ?? null;
	});
}

async function withBeat(services: Services, { id }: DeckRow, run: () => Promise<void>): Promise<void> {
	const ctx = systemContext(services);
	const timer = setInterval(() => {
		transaction(ctx, (ctx) =>
			ctx.db
				.update(slideDecks)
				.set({ workedAt: ctx.now() })
				.where(and(eq(slideDecks.id, id), inArray(slideDecks.state, ['converting', 'checking'])))
		).catch((error: unknown) => services.log.warn({ err: error }, 'that slides are worked on could not be said'));
	}, beat);
	await run().finally(() => clearInterval(timer));
}

async function settle(services: Services, { id, roomId }: DeckRow, outcome: Partial<DeckRow>): Promise<void> {
	await transaction(systemContext(services), async (ctx) => {
		await ctx.db.update(slideDecks).set(outcome).where(eq(slideDecks.id, id));
		await publish(ctx.db, { kind: 'slides', roomId, show: null });
	});
}

const failed = (trouble: DeckTrouble): Partial<DeckRow> => ({ state: 'failed', trouble });

/** Where the bytes of a file lie. */
async function pathOf(services: Services, fileId: DeckRow['fileId']): Promise<{ path: string; name: string } | null> {
	const [file] = await query(systemContext(services), (ctx) => ctx.db.select().from(files).where(eq(files.id, fileId)));
	return file?.sha256 ? { path: storageOf(services).pathOf(file.sha256), name: file.name } : null;
}

async function convert(services: Services, deck: DeckRow, converter: Converter | null): Promise<Partial<DeckRow>> {
	if (!converter) return failed('noConverter');
	if (deck.tries > mostTries) return failed('broken');
	const source = await pathOf(services, deck.fileId);
	if (!source) return failed('broken');
	const trouble = await lookAtOffice(source.path).catch((): DeckTrouble => 'broken');
	if (trouble) return failed(trouble);
	const folder = await mkdtemp(join(tmpdir(), 'slides-'));
	try {
		// Under a name of ours: what somebody called it is not for a command line.
		const named = join(folder, `slides${extname(source.name).toLowerCase()}`);
		await symlink(source.path, named);
		const made = await converter.toPdf(named, folder);
		if (made === null || made === 'late') return failed(made ? 'tookTooLong' : 'broken');
		const about = { roomId: deck.roomId, personId: deck.createdBy, name: `${deck.title}.pdf`, path: made };
		const pdfId = await transaction(systemContext(services), (ctx) => keepMade(ctx, about));
		return { state: 'waiting', pdfId, tries: 0 };
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function inspect(services: Services, deck: DeckRow): Promise<Partial<DeckRow>> {
	if (deck.tries > mostTries) return failed('broken');
	const pdf = deck.pdfId && (await pathOf(services, deck.pdfId));
	if (!pdf) return failed('broken');
	const found = await inspectPdf(pdf.path);
	return typeof found === 'string' ? failed(found) : { state: 'ready', trouble: null, ...found };
}
