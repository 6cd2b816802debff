/** A PDF as plain as it can be, each page with its number and two Chinese words in a font that is not in it. */
export function makePdf(
	pages: number,
	{ locked = false, script }: { locked?: boolean; script?: string } = {}
): Uint8Array<ArrayBuffer> {
	const objects: string[] = [];
	const add = (body: string) => objects.push(body);
	const kids = Array.from({ length: pages }, (_, index) => `${6 + index * 2} 0 R`).join(' ');
	const opening = script === undefined ? '' : ` /OpenAction << /S /JavaScript /JS (${script.replace(/[()\\]/g, '\\$&')}) >>`;
	add(`<< /Type /Catalog /Pages 2 0 R${opening} >>`);
	add(`<< /Type /Pages /Count ${pages} /Kids [${kids}] >>`);
	add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
	add('<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [5 0 R] >>');
	add(
		'<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >> >>'
	);
	for (let page = 1; page <= pages; page++) {
		const words = Buffer.from(`春天的校园 第${page}页`, 'utf16le').swap16().toString('hex');
		const content = `BT /F1 96 Tf 60 300 Td (${page}) Tj ET BT /F2 40 Tf 60 200 Td <${words}> Tj ET`;
		add(
			`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 720 405] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${5 + page * 2} 0 R >>`
		);
		add(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
	}
	let text = '%PDF-1.7\n';
	const places = objects.map((body, index) => {
		const at = text.length;
		text += `${index + 1} 0 obj\n${body}\nendobj\n`;
		return at;
	});
	const table = text.length;
	text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')}`;
	// Keys that belong to a password which nobody knows.
	const key = 'ab'.repeat(32);
	const lock = locked
		? ` /Encrypt << /Filter /Standard /V 1 /R 2 /O <${key}> /U <${key}> /P -4 >> /ID [<${'cd'.repeat(16)}> <${'cd'.repeat(16)}>]`
		: '';
	text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R${lock} >>\nstartxref\n${table}\n%%EOF\n`;
	return Uint8Array.from(Buffer.from(text, 'latin1'));
}
