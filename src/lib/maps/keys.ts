import type { Direction } from './layout.ts';

/** What a key means on a map. */
export type MapCommand =
	| {
			act:
				| 'child'
				| 'sibling'
				| 'siblingBefore'
				| 'edit'
				| 'finish'
				| 'finishAndChild'
				| 'outdent'
				| 'remove'
				| 'fold'
				| 'undo'
				| 'redo'
				| 'search'
				| 'leave';
	  }
	| { act: 'go' | 'carry' | 'extend'; direction: Direction };

const directions: Record<string, Direction> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing' | 'keyCode'>;

/** While an input method composes, every key is its own; some browsers say so by the code 229 only. */
const belongsToInputMethod = (key: Key): boolean => key.isComposing || key.keyCode === 229;

/** The command of a key press; null when the key just types, or is not ours. */
export function commandOf(key: Key, editing: boolean): MapCommand | null {
	if (belongsToInputMethod(key)) return null;
	return editing ? whileEditing(key) : whileSelecting(key);
}

function whileEditing({ key, shiftKey }: Key): MapCommand | null {
	if ((key === 'Enter' && !shiftKey) || key === 'Escape') return { act: 'finish' };
	return key === 'Tab' && !shiftKey ? { act: 'finishAndChild' } : null;
}

function whileSelecting(press: Key): MapCommand | null {
	const { key, shiftKey } = press;
	const control = press.ctrlKey || press.metaKey;
	const direction = directions[key];
	if (direction) return { act: control ? 'carry' : shiftKey ? 'extend' : 'go', direction };
	if (control) return withControl(key.toLowerCase(), shiftKey);
	if (press.altKey) return null;
	if (key === 'Tab') return { act: shiftKey ? 'outdent' : 'child' };
	if (key === 'Enter') return { act: shiftKey ? 'siblingBefore' : 'sibling' };
	if (key === 'F2') return { act: 'edit' };
	if (key === 'Delete' || key === 'Backspace') return { act: 'remove' };
	return key === 'Escape' ? { act: 'leave' } : null;
}

function withControl(key: string, shift: boolean): MapCommand | null {
	if (key === 'z') return { act: shift ? 'redo' : 'undo' };
	if (key === 'y') return { act: 'redo' };
	if (key === 'f') return { act: 'search' };
	return key === '/' ? { act: 'fold' } : null;
}
