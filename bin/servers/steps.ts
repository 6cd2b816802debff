import type { Log } from './process.ts';

/** What a step says when it ends: done now, found done, or left out for want of something. */
export type StepEnd = 'done' | 'already done' | 'missing';

export interface Steps extends Log {
	/** Runs one step and shows its name, its state and its seconds. Several may run at once. */
	step<T>(zh: string, en: string, work: () => Promise<T>, end?: (result: T) => StepEnd): Promise<T>;
	/** Ends the display; what follows is printed plainly. */
	close(): void;
}

type Terminal = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** Steps on a terminal: finished ones stay, running ones share the last line with their seconds. */
export function showSteps(terminal: Terminal = process.stdout): Steps {
	const running = new Map<string, number>();
	const timer = setInterval(terminal.isTTY ? drawRunning : sayRunning, terminal.isTTY ? 500 : 30_000).unref();

	function drawRunning(): void {
		if (!terminal.isTTY || running.size === 0) return;
		const parts = [...running].map(([name, begun]) => `${name} ${Math.round((Date.now() - begun) / 1000)} s`);
		terminal.write(`\r\x1b[K… ${fit(parts.join(' · '), (terminal.columns || 80) - 3)}`);
	}

	function sayRunning(): void {
		for (const [name, begun] of running) print(`… ${name}  ${seconds(begun)}`);
	}

	function print(line: string): void {
		terminal.write(terminal.isTTY ? `\r\x1b[K${line}\n` : `${line}\n`);
		drawRunning();
	}

	return {
		async step(zh, en, work, end = () => 'done') {
			const begun = Date.now();
			const name = `${zh} ${en}`;
			running.set(name, begun);
			drawRunning();
			try {
				const result = await work();
				running.delete(name);
				print(endLine(name, end(result), begun));
				return result;
			} catch (error) {
				running.delete(name);
				print(`✗ ${name}  ${seconds(begun)}`);
				throw error;
			}
		},
		info: print,
		warn: (sentence) => print(`! ${sentence}`),
		close() {
			clearInterval(timer);
			running.clear();
			if (terminal.isTTY) terminal.write('\r\x1b[K');
		}
	};
}

/** Steps that nobody watches: only warnings are said. */
export function silentSteps(log: Log): Steps {
	return { ...log, step: (_zh, _en, work) => work(), close: () => undefined };
}

function endLine(name: string, end: StepEnd, begun: number): string {
	if (end === 'missing') return `– ${name}  缺少 missing`;
	return `✓ ${name}  ${end === 'done' ? seconds(begun) : '已就绪 already done'}`;
}

function seconds(begun: number): string {
	return `${((Date.now() - begun) / 1000).toFixed(1)} s`;
}

/** Shortens a line to a number of columns; a Chinese character takes two. */
function fit(line: string, columns: number): string {
	let used = 0;
	let kept = '';
	for (const character of line) {
		used += character > '\u2e7f' ? 2 : 1;
		if (used > columns) return kept;
		kept += character;
	}
	return kept;
}
