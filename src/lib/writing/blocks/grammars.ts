import { common, createLowlight } from 'lowlight';

const lowlight = createLowlight(common);
/** Parses code of a known language. */
export const grammars = (code: string, language: string) => lowlight.highlight(language, code);
