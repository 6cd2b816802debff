export { openNotes, switchCaptions } from './open.ts';
export { readCaptions, seeNotes } from './see.ts';
export type { SpeechRecognition } from './speech.ts';
export { captionedSessions, isCaptioned, recognise, writeCaptions } from './write.ts';
