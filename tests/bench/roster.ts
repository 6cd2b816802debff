import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../bin/servers/settings.ts';
import { closeSpace, machine, openSpace, secondsOf } from './space.ts';

/** A roster of 5,000 new people by the command line, while others sign in. */
const rows = Array.from({ length: 5_000 }, (_, index) => `B${index},学生${index},学生,大班${index % 100}`);
console.log(machine());
const space = await openSpace(['postgres', 'web']);
try {
	const file = join(space.dataFolder, 'roster.csv');
	writeFileSync(file, `学号,姓名,角色,班级\n${rows.join('\n')}`);
	let importing = true;
	const waits: number[] = [];
	const whole = secondsOf(() => importRoster(file)).finally(() => (importing = false));
	while (importing) waits.push(await secondsOf(signIn));
	const seconds = await whole;
	const sorted = waits.toSorted((a, b) => a - b);
	const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
	console.log(`5,000 rows: ${seconds.toFixed(1)} s`);
	console.log(`${waits.length} sign-ins meanwhile: p50 ${ms(middle)}, slowest ${ms(sorted.at(-1) ?? 0)}`);
} finally {
	await closeSpace(space);
}

async function importRoster(file: string): Promise<void> {
	const out = join(space.dataFolder, 'passwords.csv');
	const command = ['bin/space.mjs', 'import', file, '--school', '云川区实验小学', '--out', out];
	const env = { ...process.env, SPACE_DATA: space.dataFolder };
	const child = spawn(process.execPath, command, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
	const [code] = await once(child, 'exit');
	if (code !== 0) throw new Error(`the import ended with ${code}`);
}

async function signIn(): Promise<void> {
	const { login, password } = space.signIns[0] ?? { login: '', password: '' };
	const response = await fetch(`${space.url}/api/v1/sign-in`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', origin: `http://localhost:${space.port}` },
		body: JSON.stringify({ login, password })
	});
	if (!response.ok) throw new Error(await response.text());
}

function ms(seconds: number): string {
	return `${Math.round(seconds * 1000)} ms`;
}
