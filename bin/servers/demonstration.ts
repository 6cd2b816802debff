import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readEnv } from '#src/env.ts';
import type { Env } from '#src/env.ts';
import type { Log } from './process.ts';
import { writeSecret } from './secrets.ts';
import type { Steps } from './steps.ts';

/** How one person of the demonstration school signs in. */
export interface SignIn {
	role: string;
	name: string;
	login: string;
	password: string;
}

/** What bin/seed.ts offers. */
interface Seed {
	seed(env: Env, log: Log, keep: (signIns: SignIn[]) => void): Promise<boolean>;
}

export interface SeedConfig {
	root: string;
	dataFolder: string;
	settings: Record<string, string>;
	ownerUrl: string;
	steps: Steps;
}

/** Makes the demonstration school at the first start; later its sign-ins are read from where they were kept. */
export async function seedOnce({ root, dataFolder, settings, ownerUrl, steps }: SeedConfig): Promise<SignIn[]> {
	const kept = join(dataFolder, 'demo.json');
	// Written before the school is committed, and its name only once it is: a start that ends anywhere between loses nothing.
	const draft = join(dataFolder, 'demo.new.json');
	const write = (file: string, signIns: SignIn[]) => writeSecret(file, JSON.stringify({ signIns }, null, '\t'));
	const script = join(root, 'bin', 'seed.ts');
	if (!existsSync(script)) return [];
	if (!existsSync(kept)) {
		await steps.step('示范学校', 'Demonstration school', async () => {
			const { seed }: Seed = await import(pathToFileURL(script).href);
			const env = readEnv({ ...settings, DATABASE_URL: ownerUrl });
			await seed(env, steps, (signIns) => write(draft, signIns));
			// No draft: the region was founded by other means, and has no demonstration.
			if (existsSync(draft)) renameSync(draft, kept);
			else write(kept, []);
		});
	}
	return JSON.parse(readFileSync(kept, 'utf8')).signIns;
}
