import { existsSync } from 'node:fs';
import { canUseApt, installPackages } from './tools.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** The browser, Chinese letters for its pictures, and what makes the fake microphones speak. */
const PACKAGES = {
	chromium: PLACES,
	'fonts-noto-cjk': ['/usr/share/fonts/opentype/noto'],
	'espeak-ng': ['/usr/bin/espeak-ng'],
	sox: ['/usr/bin/sox']
};

/** The browser of the journeys: CHROMIUM, or where systems keep it. */
export function findChromium(): string | undefined {
	return [process.env.CHROMIUM, ...PLACES].find((place) => place && existsSync(place));
}

/** Installs what the journeys need and this machine lacks. Returns whether it had to. */
export async function prepareChromium(logFile: string): Promise<boolean> {
	const lacking = Object.entries(PACKAGES).flatMap(([name, places]) => (places.some((place) => existsSync(place)) ? [] : [name]));
	const needed = process.env.CHROMIUM ? lacking.filter((name) => name !== 'chromium') : lacking;
	if (needed.length === 0) return false;
	if (!canUseApt()) {
		const command = `sudo apt-get install ${needed.join(' ')}`;
		throw new Error(`浏览器测试还需要：${command}。The journeys need more: ${command}`);
	}
	await installPackages(needed, logFile);
	return true;
}
