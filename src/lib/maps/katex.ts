/** KaTeX with its letters: loaded with the first formula. */
export const loadKatex = async () => {
	const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')]);
	return katex;
};

/** A formula that somebody wrote may be anything: what is wrong in it is shown, nothing in it is followed. */
const options = { throwOnError: false, trust: false, strict: 'ignore', maxSize: 10, maxExpand: 200, output: 'html' } as const;

/** Draws a formula in an element; until then, and when it cannot be drawn, its TeX stands there. */
export const drawFormula = (tex: string) => (element: HTMLElement) => {
	let gone = false;
	void loadKatex()
		.then((katex) => {
			if (!gone) katex.render(tex, element, options);
		})
		.catch(() => {});
	return () => {
		gone = true;
	};
};
