import { WrongFile } from './formats.ts';
import type { Done, Work } from './worker.ts';

/** Has something done beside the page; throws a `WrongFile` where a file is to blame. */
export function doBeside<Result extends Exclude<Done, { trouble: unknown } | { part: unknown }>>(
	asked: Work,
	signal: AbortSignal,
	onprogress: (part: number) => void = () => {}
): Promise<Result> {
	signal.throwIfAborted();
	const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
	return new Promise<Result>((resolve, reject) => {
		signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
		worker.addEventListener('error', () => reject(new Error('the worker failed')));
		worker.addEventListener('message', ({ data }: MessageEvent<Done>) => {
			if ('part' in data) onprogress(data.part);
			else if (!('trouble' in data)) resolve(data as Result);
			else reject(data.trouble ? new WrongFile(data.trouble) : new Error('the work failed'));
		});
		worker.postMessage(asked);
	}).finally(() => worker.terminate());
}
