import { WrongFile } from './formats.ts';
import type { Done, Work } from './worker.ts';

/** A file that takes longer to read than this, in milliseconds, is none that people write. */
const longest = 60_000;

/** Has something done beside the page; throws a `WrongFile` where a file is to blame. */
export function doBeside<Result extends Exclude<Done, { trouble: unknown } | { part: unknown }>>(
	asked: Work,
	signal: AbortSignal,
	onprogress: (part: number) => void = () => {}
): Promise<Result> {
	signal.throwIfAborted();
	const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
	let timer: ReturnType<typeof setTimeout> | undefined;
	return new Promise<Result>((resolve, reject) => {
		if (asked.do === 'read') timer = setTimeout(() => reject(new WrongFile('tooLong')), longest);
		signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
		worker.addEventListener('error', () => reject(new Error('the worker failed')));
		worker.addEventListener('message', ({ data }: MessageEvent<Done>) => {
			if ('part' in data) onprogress(data.part);
			else if (!('trouble' in data)) resolve(data as Result);
			else reject(data.trouble ? new WrongFile(data.trouble) : new Error('the work failed'));
		});
		worker.postMessage(asked);
	}).finally(() => {
		clearTimeout(timer);
		worker.terminate();
	});
}
