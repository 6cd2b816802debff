import { openCaptioner } from '../captioner/captioner.ts';
import { runProcess } from '../process.ts';
import { egressRecorder } from './egress-recorder.ts';
import { ownRecorder } from './own-recorder.ts';
import { openStudio } from './studio.ts';

// The recorder: keeps what is sent in the calls that are recorded, and hands speech to the recogniser where captions are on.

await runProcess('recorder', (services, address) => {
	const { RECORDER_EGRESS_FOLDER: folder } = services.env;
	const recorder = folder ? egressRecorder(services, address, folder) : ownRecorder(services, address);
	const studio = openStudio(services, recorder);
	const captioner = openCaptioner(services, address);
	return {
		async close() {
			await Promise.all([studio.close(), captioner.close()]);
		}
	};
});
