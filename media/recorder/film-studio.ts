import { resolve } from 'node:path';
import { folderOf } from '#lib/recordings/model.ts';
import { nextFilm, noteFilm } from '#lib/recordings/server/index.ts';
import type { Services } from '#lib/server/services.ts';
import { FilmFailed, makeFilm } from './film.ts';

/** Makes the films that were asked for, one after the other; what was begun before a restart goes on where it was. */
export interface FilmStudio {
	/** Looks whether there is something to do, when nothing is being done. */
	look(): void;
	close(): Promise<void>;
}

export function openFilmStudio(services: Services): FilmStudio {
	const { env, log } = services;
	const ended = new AbortController();
	let working: Promise<void> | undefined;

	async function work(): Promise<void> {
		for (let film = await nextFilm(services); film && !ended.signal.aborted; film = await nextFilm(services)) {
			const { id, duration, tracks } = film;
			const about = { id, roomId: film.roomId };
			await noteFilm(services, about, { state: 'working' });
			try {
				const bytes = await makeFilm({
					ffmpeg: env.FFMPEG,
					folder: resolve(env.SPACE_DATA, folderOf(id)),
					tracks,
					duration,
					signal: ended.signal,
					onpart: (done, of) => noteFilm(services, about, { done, of })
				});
				await noteFilm(services, about, { state: 'ready', bytes });
			} catch (error) {
				if (ended.signal.aborted) return;
				log.error({ err: error, recordingId: id }, 'a film could not be made');
				await noteFilm(services, about, { state: 'failed', reason: error instanceof FilmFailed ? error.reason : 'broken' });
			}
		}
	}

	return {
		look() {
			if (ended.signal.aborted) return;
			working ??= work()
				.catch((error: unknown) => log.warn({ err: error }, 'films could not be looked after'))
				.finally(() => (working = undefined));
		},
		async close() {
			ended.abort();
			await working;
		}
	};
}
