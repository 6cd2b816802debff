import type { EditorState, Transaction } from '@tiptap/pm/state';
import { ReplaceAroundStep, ReplaceStep } from '@tiptap/pm/transform';
import type { Step } from '@tiptap/pm/transform';

const replaces = (step: Step): boolean => step instanceof ReplaceStep || step instanceof ReplaceAroundStep;

/**
 * A transaction in parts that replace one stretch each. The shared text is told of one change at a time as the stretch
 * from its first to its last difference: of two at once, it would take what stands between them for written anew.
 */
export function* singly(whole: Transaction, now: () => EditorState): Generator<Transaction, void> {
	let part = now().tr;
	for (const step of whole.steps) {
		if (replaces(step) && part.steps.some(replaces)) {
			yield part;
			part = now().tr;
		}
		part.step(step);
	}
	part.setSelection(whole.selection.getBookmark().resolve(part.doc));
	if (whole.storedMarks) part.setStoredMarks(whole.storedMarks);
	for (const [key, value] of Object.entries((whole as unknown as { meta: Record<string, unknown> }).meta))
		part.setMeta(key, value);
	if (whole.scrolledIntoView) part.scrollIntoView();
	yield part;
}
