declare module 'pdfmake/build/pdfmake.js' {
	const pdfmake: {
		virtualfs: { writeFileSync(name: string, bytes: Uint8Array): void };
		addFonts(fonts: Record<string, Record<string, string>>): void;
		createPdf(definition: Record<string, unknown>): { getBuffer(): Promise<Uint8Array> };
	};
	export default pdfmake;
}
