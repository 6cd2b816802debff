import { readFile } from 'node:fs/promises';
import { getDocument, PasswordException } from 'pdfjs-dist/legacy/build/pdf.mjs';

// A process of its own: says what one PDF is, in one line, and ends.

try {
	const bytes = await readFile(process.argv[2] ?? '');
	const pdf = await getDocument({ data: new Uint8Array(bytes), useSystemFonts: false, enableXfa: false, verbosity: 0 }).promise;
	// The first page is read too: a file may begin well and hold nothing.
	const first = await pdf.getPage(1);
	const [whole, page] = [await pdf.getJSActions().catch(() => null), await first.getJSActions().catch(() => null)];
	process.stdout.write(`pages ${pdf.numPages} scripts ${whole || page ? 'yes' : 'no'}\n`);
	process.exit(0);
} catch (error) {
	process.stdout.write(error instanceof PasswordException ? 'locked\n' : 'broken\n');
	process.exit(0);
}
