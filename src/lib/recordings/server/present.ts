import type { Found, RecordingRow } from './find.ts';
import type { RecordingCard, RecordingState } from '../model.ts';

const stateOf = ({ stoppedAt, readyAt }: RecordingRow): RecordingState =>
	stoppedAt === null ? 'going' : readyAt === null ? 'finishing' : 'ready';

export const presentRecording = (
	recording: RecordingRow,
	{ leads, by, people, bytes, now }: Pick<Found, 'leads'> & { by: string; people: number; bytes: number; now: Date }
): RecordingCard => ({
	id: recording.id,
	title: recording.title,
	state: stateOf(recording),
	startedAt: recording.startedAt.toISOString(),
	duration: Math.max(0, (recording.stoppedAt ?? now).getTime() - recording.startedAt.getTime()),
	by,
	audience: recording.audience,
	people,
	bytes,
	expiresAt: recording.expiresAt.toISOString(),
	can: { lead: leads }
});
