import { closeSpace, machine, openSpace, secondsOf } from './space.ts';
import type { BenchSpace } from './space.ts';

/** How long a start takes once the programs are built: the first one with the demonstration school, and every later one. */
const parts = ['postgres', 'synapse', 'livekit', 'media', 'web'] as const;
console.log(machine());
let space: BenchSpace | undefined;
const first = await secondsOf(async () => (space = await openSpace([...parts])));
console.log(`first start, programs built: ${first.toFixed(1)} s`);
for (let turn = 1; turn <= 3; turn++) {
	await space?.stop();
	const again = await secondsOf(async () => (space = await openSpace([...parts], space)));
	console.log(`start ${turn + 1}: ${again.toFixed(1)} s`);
}
if (space) await closeSpace(space);
