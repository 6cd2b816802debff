import { eq, sql } from 'drizzle-orm';
import Papa from 'papaparse';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { largestRoster } from '#lib/roster/model.ts';
import {
	findSchoolByName,
	foundRegion,
	foundSchool,
	giveFirstPassword,
	importRoster,
	presentReport
} from '#lib/roster/server/index.ts';
import { isAppError } from '#lib/server/errors.ts';
import { sentence } from '#lib/server/problem.ts';
import { systemContext } from '#lib/server/context.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import { people } from '#lib/people/server/table.ts';
import { spaces } from '#lib/spaces/server/table.ts';
import { readEnv } from '#src/env.ts';
import type { Env } from '#src/env.ts';
import { spaceDatabase } from './servers/databases.ts';
import { readPorts } from './servers/ports.ts';
import { keepSecrets, writeSecret } from './servers/secrets.ts';
import { withServices } from './services.ts';

const usage = `用法 Usage: npm run space -- <命令 command>

  import <roster.csv> --school <学校> [--dry-run] [--out <密码.csv>]
      导入花名册；--dry-run 只说会改动什么。学校还没有时会新建。
      Import a roster; --dry-run only says what would change. The school is made when missing.
  admin <编号> <姓名> --region <区域>
      建立区域和它的管理员。Make a region and its administrator.
  password <编号>
      给一个人新的初始密码。Give a person a new first password.
  health
      各部分是否正常。Whether each part works.`;

const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		'dry-run': { type: 'boolean', default: false },
		school: { type: 'string' },
		region: { type: 'string' },
		out: { type: 'string', default: 'first-passwords.csv' }
	}
});
const [command, ...words] = positionals;

try {
	if (command === 'import' && words[0] && options.school) await importCommand(words[0], options.school);
	else if (command === 'admin' && words[0] && words[1] && options.region) await adminCommand(words[0], words[1], options.region);
	else if (command === 'password' && words[0]) await passwordCommand(words[0]);
	else if (command === 'health') await healthCommand();
	else fail(usage);
} catch (error) {
	fail(isAppError(error) ? sentence(error.key, 'zh-CN', error.detail) : error instanceof Error ? error.message : String(error));
}

async function importCommand(file: string, schoolName: string): Promise<void> {
	if (!existsSync(file)) fail(`没有这个文件：${file}。There is no such file.`);
	if (statSync(file).size > largestRoster) fail(sentence('roster.tooLarge', 'zh-CN', { megabytes: largestRoster / 1024 / 1024 }));
	const dryRun = options['dry-run'];
	await withSystem(async (ctx) => {
		const school = (await findSchoolByName(ctx, schoolName)) ?? (await newSchool(ctx, schoolName, dryRun));
		if (!school) return;
		const report = presentReport(
			await importRoster(ctx, { schoolId: school.id, file: readFileSync(file).toString('base64'), dryRun }),
			'zh-CN'
		);
		for (const { line, column, sentence } of report.errors)
			console.log([line && `第 ${line} 行`, column, sentence].filter(Boolean).join('，'));
		if (report.errorCount > 0) fail(`有 ${report.errorCount} 处要改，没有导入任何内容。Nothing was imported.`);
		console.log(`${schoolName}${dryRun ? '，导入后会：' : '，已导入：'}`);
		for (const change of report.changes) console.log(`  ${change}`);
		if (report.firstPasswords.length > 0) {
			const rows = report.firstPasswords.map(({ number, name, password }) => ({ 编号: number, 姓名: name, 初始密码: password }));
			// A byte order mark, so that spreadsheets read it as UTF-8.
			writeSecret(options.out, `\uFEFF${Papa.unparse(rows)}\n`);
			console.log(
				`初始密码在 ${options.out}，只有您能读；发完请删掉。First passwords are in this file; delete it once they are handed out.`
			);
		}
	});
}

async function newSchool(ctx: Context, name: string, dryRun: boolean) {
	const regions = await query(ctx, ({ db }) => db.select().from(spaces).where(eq(spaces.kind, 'region')));
	const region = options.region ? regions.find((one) => one.name === options.region) : regions[0];
	if (!region || (!options.region && regions.length > 1))
		fail('请用 --region 指明区域；还没有区域时先用 admin 命令建立。Name the region with --region.');
	if (dryRun) {
		console.log(`将在${region.name}新建学校 “${name}”，再导入花名册。The school would be made first.`);
		return null;
	}
	return foundSchool(ctx, { region, name });
}

async function adminCommand(number: string, name: string, region: string): Promise<void> {
	await withSystem(async (ctx) => {
		const { password } = await foundRegion(ctx, { region, number, name });
		console.log(`${region}的管理员 ${name}，账号 ${number}，初始密码 ${password}`);
	});
}

async function passwordCommand(number: string): Promise<void> {
	await withSystem(async (ctx) => {
		const [person] = await query(ctx, ({ db }) =>
			db
				.select({ id: people.id, name: people.name, homePath: people.homePath })
				.from(people)
				.where(sql`lower(${people.number}) = lower(${number})`)
		);
		if (!person) fail(`没有编号为 ${number} 的人。Nobody has this number.`);
		const password = await giveFirstPassword(ctx, person.id, person.homePath);
		console.log(`${person.name}（${number}）的新初始密码：${password}`);
	});
}

async function healthCommand(): Promise<void> {
	const port = process.env.PORT || '3000';
	const health = await fetch(`http://127.0.0.1:${port}/api/v1/health`)
		.then((response) => response.json() as Promise<Record<string, string>>)
		.catch(() => fail(`端口 ${port} 上没有网页服务。The web server does not answer on port ${port}.`));
	for (const [part, state] of Object.entries(health)) console.log(`${part.padEnd(10)}${state}`);
	if (health.status !== 'ok') process.exitCode = 1;
}

function withSystem(run: (ctx: Context) => Promise<void>): Promise<void> {
	return withServices(commandEnv(), (services) => run(systemContext(services)));
}

/** Settings from the environment, else from the data folder of the space that runs beside. */
function commandEnv(): Env {
	const dataFolder = process.env.SPACE_DATA || '.space';
	const given = { LOG_LEVEL: 'warn', ...process.env, NODE_ENV: 'development' };
	if (process.env.DATABASE_APP_URL && process.env.SPACE_SECRET) return readEnv(given);
	const { postgres } = readPorts(dataFolder);
	if (!postgres || !existsSync(join(dataFolder, 'secrets.json'))) {
		fail(
			`${dataFolder} 里没有空间。先 npm start，或用 SPACE_DATA 指明数据文件夹。There is no space in this folder; name it with SPACE_DATA.`
		);
	}
	const secrets = keepSecrets(dataFolder);
	return readEnv({
		...given,
		SPACE_SECRET: secrets.spaceSecret,
		DATABASE_APP_URL: process.env.DATABASE_APP_URL ?? spaceDatabase(postgres, secrets).appUrl
	});
}

function fail(text: string): never {
	console.error(text);
	process.exit(1);
}
