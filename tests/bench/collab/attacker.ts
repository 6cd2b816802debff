import { setTimeout as wait } from 'node:timers/promises';
import { BenchClient } from './client.ts';
import type { Line } from './client.ts';

/**
 * Somebody who may write and does it as fast as the line takes it; closed out, they come back at once. In a process of
 * its own, so that it takes no time from those who measure; it asks its parent for lines.
 */
const next = () =>
	new Promise<Line>((resolve) => {
		process.once('message', (line) => resolve(line as Line));
		process.send?.('line');
	});

for (;;) {
	const client = new BenchClient(await next());
	try {
		await client.until(() => client.doc.getXmlFragment('default').length > 0);
		while (client.closed === null) {
			for (let burst = 0; burst < 200 && client.buffered < 1024 * 1024; burst++) {
				client.text.insert(client.text.length, '字');
				client.cursor({ anchor: client.text.length });
			}
			await wait(1);
		}
	} catch {
		// Closed out before the document came.
	}
	client.drop();
}
