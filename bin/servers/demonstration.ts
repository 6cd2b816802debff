import { existsSync, readFileSync } from 'node:fs';
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
	seed(env: Env, log: Log): Promise<{ signIns: SignIn[] }>;
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
	const script = join(root, 'bin', 'seed.ts');
	if (!existsSync(script)) return [];
	if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')).signIns;
	return steps.step('示范学校', 'Demonstration school', async () => {
		const { seed }: Seed = await import(pathToFileURL(script).href);
		const { signIns } = await seed(readEnv({ ...settings, DATABASE_URL: ownerUrl }), steps);
		writeSecret(kept, JSON.stringify({ signIns }, null, '\t'));
		return signIns;
	});
}
