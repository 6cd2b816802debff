import { idOf } from '#lib/ids.ts';
import { mostCameras } from '#lib/recordings/model.ts';
import type { SentTrack } from './call.ts';

/** What of a call may be kept: of those who agreed all sound, all screens and the first of the cameras. */
export function chosenOf(sent: readonly SentTrack[], consents: ReadonlySet<string>): SentTrack[] {
	const allowed = sent.filter(({ personId }) => consents.has(personId) && idOf('person').safeParse(personId).success);
	const cameras = allowed.filter(({ kind, muted }) => kind === 'camera' && !muted).slice(0, mostCameras);
	return allowed.filter((track) => track.kind !== 'camera' || cameras.includes(track));
}
