export { changeRecording, removeRecording } from './change.ts';
export { consent } from './consent.ts';
export { filmNow, requestFilm } from './film.ts';
export { keepRecordings, keptIn } from './keep.ts';
export { listRecordings } from './list.ts';
export { markRecording, removeMark } from './mark.ts';
export { recordingNow } from './now.ts';
export { seeRecording } from './see.ts';
export { sendFilm, sendTrack } from './send.ts';
export { startRecording } from './start.ts';
export { stopEnded, stopRecording } from './stop.ts';
export {
	beginTrack,
	closeTrack,
	finishRecordings,
	goingRecordings,
	nextFilm,
	noteFilm,
	noteTracks,
	openTracks,
	sweepRecordings,
	tendRecording
} from './tend.ts';
export type { FilmWork, Going } from './tend.ts';
