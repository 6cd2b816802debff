import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Everything that must not be guessed, made at the first start and never shown. */
export interface Secrets {
	/** Password of PostgreSQL's superuser. */
	postgresPassword: string;
	/** Password of the role that owns the tables. */
	ownerPassword: string;
	/** Password of the role that row-level security binds. */
	appPassword: string;
	synapsePassword: string;
	/** Signs sign-in cookies. */
	spaceSecret: string;
	livekitKey: string;
	livekitSecret: string;
	matrixAsToken: string;
	matrixHsToken: string;
	matrixMacaroonKey: string;
	matrixFormSecret: string;
	/** 32 random bytes, base64 without padding, as Synapse reads them. */
	matrixSigningSeed: string;
}

/** Reads the secrets of a data folder; those that are missing are made and kept, readable by this user only. */
export function keepSecrets(dataFolder: string): Secrets {
	const file = join(dataFolder, 'secrets.json');
	const kept = readSecrets(file);
	const secrets = { ...makeSecrets(), ...kept };
	if (Object.keys(kept).length < Object.keys(secrets).length) {
		writeSecret(file, JSON.stringify(secrets, null, '\t'));
	}
	return secrets;
}

/** Writes a file that only this user may read; a crash leaves the old one or the new one. */
export function writeSecret(file: string, text: string): void {
	mkdirSync(dirname(file), { recursive: true });
	const draft = `${file}.${process.pid}.new`;
	writeFileSync(draft, text, { mode: 0o600, flush: true });
	renameSync(draft, file);
}

function readSecrets(file: string): Partial<Secrets> {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		// Only a missing file means a first start: new secrets over a broken file would lock the space out of its data.
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
		throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
	}
}

function makeSecrets(): Secrets {
	return {
		postgresPassword: random(),
		ownerPassword: random(),
		appPassword: random(),
		synapsePassword: random(),
		spaceSecret: random(48),
		livekitKey: `space_${random(9)}`,
		livekitSecret: random(48),
		matrixAsToken: random(48),
		matrixHsToken: random(48),
		matrixMacaroonKey: random(48),
		matrixFormSecret: random(48),
		matrixSigningSeed: randomBytes(32).toString('base64').replaceAll('=', '')
	};
}

function random(bytes = 32): string {
	return randomBytes(bytes).toString('base64url');
}
