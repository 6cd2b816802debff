/** Draws a formula into an element; what cannot be read stays as it was written, in red. The library is loaded by the first. */
export async function drawFormula(element: HTMLElement, latex: string, block: boolean): Promise<void> {
	element.dataset.drawing = latex;
	if (latex === '') return element.replaceChildren();
	try {
		const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')]);
		// Equations of chemistry.
		await import('katex/contrib/mhchem');
		// Another one may have been asked for meanwhile.
		if (element.dataset.drawing !== latex) return;
		katex.render(latex, element, {
			displayMode: block,
			throwOnError: false,
			// Links, pictures and styles of a formula were written by anybody.
			trust: false,
			strict: 'ignore',
			maxSize: 20,
			maxExpand: 200,
			errorColor: 'var(--bad)'
		});
	} catch {
		element.textContent = latex;
	}
}
