import { dispose } from '@livekit/rtc-node';
import { startListener } from './listener.ts';
import { runProcess } from './process.ts';

// The room listener: hears who speaks.

await runProcess('room listener', (services, address) => {
	const listener = startListener(services, address);
	return {
		async close() {
			await listener.close();
			await dispose();
		}
	};
});
