/** Hands a file made in the page to the person. */
export function save(file: Blob, name: string): void {
	const address = URL.createObjectURL(file);
	const link = Object.assign(document.createElement('a'), { href: address, download: name });
	link.click();
	// The download has begun by the next task.
	setTimeout(() => URL.revokeObjectURL(address));
}

/** Rows as a CSV file that Excel opens as UTF-8 and in which no cell is a formula. */
export async function saveTable(rows: (string | number | null)[][], name: string): Promise<void> {
	const { default: papa } = await import('papaparse');
	const text = papa.unparse(rows, { escapeFormulae: true });
	save(new Blob([`\uFEFF${text}\r\n`], { type: 'text/csv;charset=utf-8' }), name);
}
