import { runProcess } from '../process.ts';
import { ownRecorder } from './own-recorder.ts';
import { openStudio } from './studio.ts';

// The recorder: keeps what is sent in the calls that are recorded.

await runProcess('recorder', (services, address) => openStudio(services, ownRecorder(services, address)));
