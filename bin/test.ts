import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPages } from './servers/build.ts';
import { prepareChromium } from './servers/chromium.ts';
import { compileMessages } from './servers/messages.ts';
import { runCommand } from './servers/process.ts';
import { readStartSettings } from './servers/settings.ts';
import { showSteps } from './servers/steps.ts';
import type { StepEnd } from './servers/steps.ts';
import { prepareFfmpeg, prepareLivekit, prepareSynapse } from './servers/tools.ts';
import type { Tool } from './servers/tools.ts';

interface Count {
	passed: number;
	failed: number;
}

const { root, dataFolder, toolsFolder } = readStartSettings(process.env);
const logFolder = join(dataFolder, 'logs');
const reports = mkdtempSync(join(tmpdir(), 'space-reports-'));
const total: Count = { passed: 0, failed: 0 };
const [only, ...rest] = process.argv.slice(2);
const steps = showSteps();
let running: ChildProcess | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
process.on('disconnect', () => stop('SIGTERM'));

const parts: Record<string, () => Promise<void>> = { check, unit, journeys };
if (only && !parts[only]) {
	console.error(`npm test -- ${Object.keys(parts).join(' | ')}`);
	process.exit(1);
}

mkdirSync(logFolder, { recursive: true });
await prepare();
for (const [name, runPart] of Object.entries(parts)) {
	if (!only || only === name) await runPart();
}
rmSync(reports, { recursive: true, force: true });
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed > 0 ? 1 : 0);

/** What every part reads: generated types and messages, and the servers' programs. */
async function prepare(): Promise<void> {
	const tools = { folder: toolsFolder, logFolder };
	await Promise.all([
		attempt('tools', () => steps.step<Tool>('音视频程序', 'LiveKit', () => prepareLivekit(tools).then(orThrow), ready)),
		attempt('tools', () => steps.step<Tool>('聊天程序', 'Synapse', () => prepareSynapse(tools).then(orThrow), ready)),
		attempt('tools', () => steps.step<Tool>('影片程序', 'ffmpeg', () => prepareFfmpeg(tools).then(orThrow), ready)),
		attempt('messages', () => steps.step('文字', 'Messages', () => compileMessages(root, join(logFolder, 'build.log')), ended)),
		attempt('types', () => steps.step('类型', 'Types', () => syncTypes()))
	]);
	// Once for all who start a web server, some of them at the same time.
	await attempt('build', () => steps.step('页面', 'Pages', () => buildPages(root, join(logFolder, 'build.log')), ended));
}

async function check(): Promise<void> {
	await count('types', 'svelte-check', ['--tsconfig', './tsconfig.json', '--threshold', 'error']);
	await count('lint', 'oxlint', ['--quiet']);
	await count('format', 'prettier', ['--check', '--log-level', 'warn', '.']);
}

async function unit(): Promise<void> {
	const file = join(reports, 'vitest.json');
	const passed = await run('vitest', [
		'run',
		'--reporter=default',
		'--reporter=./tests/support/flaky.ts',
		'--reporter=json',
		`--outputFile.json=${file}`,
		...(only ? rest : [])
	]);
	const report = readReport(file);
	add({ passed: report?.numPassedTests ?? 0, failed: failures(report?.numFailedTests ?? 0, passed) });
}

async function journeys(): Promise<void> {
	const file = join(reports, 'playwright.json');
	const prepared = await attempt('browser', () =>
		steps.step('浏览器', 'Chromium', () => prepareChromium(join(logFolder, 'apt.log')), ended)
	);
	if (!prepared) return;
	const passed = await run('playwright', ['test', '--reporter=list,json', ...(only ? rest : [])], {
		PLAYWRIGHT_JSON_OUTPUT_FILE: file
	});
	const stats = readReport(file)?.stats;
	add({ passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0), failed: failures(stats?.unexpected ?? 0, passed) });
}

function ended(worked: boolean): StepEnd {
	return worked ? 'done' : 'already done';
}

function ready(tool: Tool): StepEnd {
	return 'missing' in tool ? 'missing' : ended(!tool.wasReady);
}

/** A tool that fails without a failed test, such as by an error outside of tests, counts as one. */
function failures(counted: number, passed: boolean): number {
	return passed ? counted : Math.max(1, counted);
}

function add({ passed, failed }: Count): void {
	total.passed += passed;
	total.failed += failed;
}

/** The tool at work ends its servers; nothing more is run. */
function stop(signal: NodeJS.Signals): void {
	running?.once('exit', () => process.exit(1)).kill(signal);
	if (!running) process.exit(1);
}

/** Counts a command as one check. */
async function count(name: string, command: string, args: string[]): Promise<void> {
	const passed = await run(command, args);
	console.log(`${passed ? '✓' : '✗'} ${name}`);
	add({ passed: passed ? 1 : 0, failed: passed ? 0 : 1 });
}

/** A preparation that fails counts as a failure; the rest still runs. */
async function attempt(name: string, work: () => Promise<unknown>): Promise<boolean> {
	try {
		await work();
		return true;
	} catch (error) {
		console.error(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
		add({ passed: 0, failed: 1 });
		return false;
	}
}

function orThrow(tool: Tool): Tool {
	if ('missing' in tool) throw new Error(tool.missing);
	return tool;
}

/** Runs a command of the packages in this terminal. */
function run(command: string, args: string[], env: Record<string, string> = {}): Promise<boolean> {
	return new Promise((done) => {
		running = spawn(process.execPath, [packageScript(command), ...args], {
			cwd: root,
			stdio: 'inherit',
			env: { ...process.env, ...env }
		});
		running.once('exit', (code) => done(code === 0));
	});
}

function syncTypes(): Promise<void> {
	const logFile = join(logFolder, 'sync.log');
	return runCommand({
		name: 'svelte-kit sync',
		command: process.execPath,
		args: [packageScript('svelte-kit'), 'sync'],
		cwd: root,
		logFile
	});
}

function packageScript(command: string): string {
	return join(root, 'node_modules/.bin', command);
}

interface Report {
	numPassedTests?: number;
	numFailedTests?: number;
	stats?: { expected: number; unexpected: number; flaky: number };
}

function readReport(file: string): Report | undefined {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		return undefined;
	}
}
