import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServices } from '#tests/support/services.ts';
import type { TestServices } from '#tests/support/services.ts';
import { ask, signIn } from '#tests/support/world.ts';

let services: TestServices;
const folder = mkdtempSync(join(tmpdir(), 'space-command-'));
beforeAll(async () => {
	services = await openServices();
});
afterAll(async () => {
	await services.close();
	rmSync(folder, { recursive: true });
});

/** Runs the command as an administrator does, by plain Node. */
function space(...args: string[]): Promise<{ code: number; said: string }> {
	const env = {
		PATH: process.env.PATH,
		SPACE_SECRET: services.env.SPACE_SECRET,
		DATABASE_APP_URL: services.env.DATABASE_APP_URL
	};
	return new Promise((resolve) => {
		execFile(process.execPath, ['bin/space.ts', ...args], { env }, (error, stdout, stderr) => {
			resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr });
		});
	});
}

test('a region, a school and its people come to be from the command line, and passwords go to a file of one’s own', async () => {
	const roster = join(folder, 'roster.csv');
	const out = join(folder, 'passwords.csv');
	writeFileSync(roster, '学号,姓名,角色,班级\nS1,林晓,学生,一班\nS2,许诺,学生,一班\n');

	expect(await space('admin', 'R1', '严若谷', '--region', '云川区')).toMatchObject({
		code: 0,
		said: expect.stringContaining('账号 R1')
	});
	const looked = await space('import', roster, '--school', '实验小学', '--dry-run');
	expect(looked.said).toContain('将在云川区新建学校 “实验小学”');
	const imported = await space('import', roster, '--school', '实验小学', '--out', out);
	expect(imported).toMatchObject({ code: 0, said: expect.stringContaining('新增 2 人') });
	expect(statSync(out).mode & 0o777).toBe(0o600);
	const [, first] = readFileSync(out, 'utf8').trim().split('\r\n');
	const [number = '', name, password = ''] = first?.split(',') ?? [];
	expect(name).toBe('林晓');
	const cookie = await signIn(services, number, password);

	const again = await space('import', roster, '--school', '实验小学', '--dry-run');
	expect(again.said).toContain('没有任何变化');
	const reset = await space('password', 's1');
	expect(reset.said).toMatch(/林晓（s1）的新初始密码：[a-z2-9-]{14}/);
	expect((await ask(services, '/me', { cookie })).status).toBe(401);
}, 120_000);

test('what is wrong is said with its row, and the command fails', async () => {
	const roster = join(folder, 'broken.csv');
	writeFileSync(roster, '学号,姓名,角色,班级\nS8,林晓,学生,\n');
	const { code, said } = await space('import', roster, '--school', '实验小学');
	expect(code).toBe(1);
	expect(said).toContain('第 2 行，班级，学生和班主任要填班级。');
	expect((await space('import', join(folder, 'none.csv'), '--school', '实验小学')).said).toContain('没有这个文件');
	expect((await space('fly')).said).toContain('用法');
}, 120_000);
