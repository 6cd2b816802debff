import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fontSettings } from './fonts.ts';
import { runProgram } from './program.ts';

/** What makes a PDF of slides in another format. */
export interface Converter {
	/**
	 * Makes a PDF of the file at `path` within `folder`, which is the converter's own. Answers where the PDF is;
	 * null when nothing came of it, `late` when it took too long.
	 */
	toPdf(path: string, folder: string): Promise<string | null | 'late'>;
}

/** Where LibreOffice lies when nobody says so. */
const usual = [
	'/usr/bin/soffice',
	'/usr/local/bin/soffice',
	'/opt/libreoffice/program/soffice',
	'/Applications/LibreOffice.app/Contents/MacOS/soffice'
];
/** Longest conversion, in milliseconds. A deck of a hundred pictures takes half a minute on a small machine. */
const patience = 180_000;
/** The most memory that it may take, in KiB of addresses; LibreOffice itself reserves a good part of one GiB. */
const mostMemory = 6 * 1024 * 1024;
/** The largest file that it may write, in blocks of 512 bytes. */
const largestOutcome = (300 * 1024 * 1024) / 512;

/** LibreOffice, where it is said to be or usually is; null: this machine has none. */
export function findConverter(configured: string | undefined): Converter | null {
	const program = configured ? [configured].find(existsSync) : usual.find(existsSync);
	return program ? soffice(program) : null;
}

/** No macros, nothing that runs or is fetched: neither scripts in the file nor pictures that it links to elsewhere. */
const profile = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
${[
	['Security/Scripting', 'MacroSecurityLevel', '3'],
	['Security/Scripting', 'DisableMacrosExecution', 'true'],
	['Security/Scripting', 'DisableActiveContent', 'true'],
	['Security/Scripting', 'BlockUntrustedRefererLinks', 'true'],
	['Misc', 'FirstRun', 'false']
]
	.map(
		([group, name, value]) =>
			`<item oor:path="/org.openoffice.Office.Common/${group}"><prop oor:name="${name}" oor:op="fuse"><value>${value}</value></prop></item>`
	)
	.join('\n')}
</oor:items>
`;

/** A shell sets the limits; where the system lets us, the program has no network at all. */
const limits = `ulimit -v ${mostMemory} 2>/dev/null; ulimit -f ${largestOutcome} 2>/dev/null; ulimit -c 0
if unshare -rn true 2>/dev/null; then exec unshare -rn "$@"; else exec "$@"; fi`;

function soffice(program: string): Converter {
	return {
		async toPdf(path, folder) {
			const [home, out] = [join(folder, 'profile'), join(folder, 'out')];
			await mkdir(join(home, 'user'), { recursive: true });
			await mkdir(out, { recursive: true });
			await writeFile(join(home, 'user/registrymodifications.xcu'), profile);
			const fonts = join(folder, 'fonts.conf');
			await writeFile(fonts, fontSettings);
			const args = [
				program,
				`-env:UserInstallation=${pathToFileURL(home).href}`,
				...['--headless', '--invisible', '--norestore', '--nolockcheck', '--nodefault', '--nologo'],
				...['--convert-to', 'pdf:impress_pdf_Export', '--outdir', out, path]
			];
			const nowhere = 'http://127.0.0.1:9';
			const env = { HOME: home, PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', http_proxy: nowhere, https_proxy: nowhere };
			const { late } = await runProgram({
				command: '/bin/sh',
				args: ['-c', limits, 'sh', ...args],
				env: { ...env, TMPDIR: folder, FONTCONFIG_FILE: fonts },
				cwd: folder,
				patience
			});
			if (late) return 'late';
			const made = (await readdir(out)).find((name) => name.endsWith('.pdf'));
			return made ? join(out, made) : null;
		}
	};
}
