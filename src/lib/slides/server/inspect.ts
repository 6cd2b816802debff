import { fileURLToPath } from 'node:url';
import { mostPages } from '../model.ts';
import type { DeckTrouble } from '../model.ts';
import { runProgram } from './program.ts';

/** What a PDF is, as far as the room must know before it is shown; or why it cannot be. */
export type Inspected = { pages: number; scripts: boolean } | DeckTrouble;

/** Longest look, in milliseconds, and the most memory, in MiB. */
const patience = 60_000;
const mostMemory = 768;

/** Looks through a PDF in a process of its own: a file that is made to break what reads it breaks nothing else. */
export async function inspectPdf(path: string): Promise<Inspected> {
	const { code, said, late } = await runProgram({
		command: process.execPath,
		args: [`--max-old-space-size=${mostMemory}`, fileURLToPath(new URL('look.ts', import.meta.url)), path],
		env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
		patience
	});
	if (late) return 'tookTooLong';
	return code === 0 ? outcomeOf(said) : 'broken';
}

function outcomeOf(said: string): Inspected {
	const [, pages, scripts] = /^pages (\d+) scripts (yes|no)$/m.exec(said) ?? [];
	if (/^locked$/m.test(said)) return 'locked';
	if (!pages || Number(pages) === 0) return 'broken';
	return Number(pages) > mostPages ? 'tooManyPages' : { pages: Number(pages), scripts: scripts === 'yes' };
}
