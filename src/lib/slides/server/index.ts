export { addDeck, retryDeck } from './add.ts';
export { convertDue, inspectDue } from './prepare.ts';
export { seeSlides, turnsOf } from './see.ts';
export { dropDeck, hideDeck, showDeck } from './show.ts';
