import { openCaptioner } from '../captioner/captioner.ts';
import { runProcess } from '../process.ts';
import { ownRecorder } from './own-recorder.ts';
import { openStudio } from './studio.ts';

// The recorder: keeps what is sent in the calls that are recorded, and hands speech to the recogniser where captions are on.

await runProcess('recorder', (services, address) => {
	const studio = openStudio(services, ownRecorder(services, address));
	const captioner = openCaptioner(services, address);
	return {
		async close() {
			await Promise.all([studio.close(), captioner.close()]);
		}
	};
});
