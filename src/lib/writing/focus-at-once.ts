import { commands, Extension } from '@tiptap/core';

/**
 * The text has the keyboard in the moment somebody asks for it. The library waits for the next frame: on a slow machine
 * that is long enough for the first words to go to the button that was pressed, and be lost.
 */
export const FocusAtOnce = Extension.create({
	name: 'focusAtOnce',
	addCommands: () => ({
		focus:
			(position = null, options = {}) =>
			(props) => {
				const { tr, view, dispatch } = props;
				if (position !== null) return commands.focus(position, options)(props);
				if (dispatch) {
					view.focus();
					if (options?.scrollIntoView !== false) tr.scrollIntoView();
				}
				return true;
			}
	})
});
