import { expect, test } from 'vitest';
import { showSteps } from './steps.ts';

function fakeTerminal(isTTY: boolean) {
	const lines: string[] = [];
	return { lines, terminal: { isTTY, columns: 40, write: (text: string) => lines.push(text) > 0 } };
}

test('a finished step shows its seconds, one found done says so', async () => {
	const { lines, terminal } = fakeTerminal(false);
	const steps = showSteps(terminal);
	await steps.step('数据库', 'PostgreSQL', async () => 3);
	await steps.step(
		'页面',
		'Pages',
		async () => false,
		(built) => (built ? 'done' : 'already done')
	);
	steps.close();
	expect(lines).toEqual([expect.stringMatching(/^✓ 数据库 PostgreSQL {2}0\.\d s\n$/), '✓ 页面 Pages  已就绪 already done\n']);
});

test('a failed step is marked and its error goes on', async () => {
	const { lines, terminal } = fakeTerminal(false);
	const steps = showSteps(terminal);
	await expect(steps.step('表', 'Migrations', () => Promise.reject(new Error('disk full')))).rejects.toThrow('disk full');
	steps.close();
	expect(lines).toEqual([expect.stringMatching(/^✗ 表 Migrations/)]);
});

test('on a terminal what still runs is shown below what has ended', async () => {
	const { lines, terminal } = fakeTerminal(true);
	const steps = showSteps(terminal);
	const work = Promise.withResolvers<void>();
	const slow = steps.step('音视频程序', 'LiveKit', () => work.promise);
	await steps.step('密钥', 'Secrets', async () => undefined);
	expect(lines.at(-1)).toContain('… 音视频程序 LiveKit 0 s');
	work.resolve();
	await slow;
	steps.close();
	expect(lines.filter((line) => line.includes('✓')).length).toBe(2);
});
