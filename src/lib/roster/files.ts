import type { Column } from './model.ts';

/** A file or a text as the API takes it. */
export async function toBase64(content: Blob): Promise<string> {
	const address = await new Promise<string>((resolve, reject) => {
		const reader = new FileReader();
		reader.onload = () => resolve(String(reader.result));
		reader.onerror = () => reject(reader.error ?? new Error('the file could not be read'));
		reader.readAsDataURL(content);
	});
	return address.slice(address.indexOf(',') + 1);
}

/** What a table copied from a spreadsheet is as CSV: it comes with tabs between its cells. */
export const pastedToCsv = (text: string): string =>
	text.includes('\t') && !text.includes(',')
		? text
				.split('\n')
				.map((line) => line.split('\t').join(','))
				.join('\n')
		: text;

export const exampleRows: Record<Column, string>[] = [
	{
		number: 'T001',
		name: '何敏',
		role: '班主任;家长',
		class: '七年级1班;七年级2班',
		email: 'hemin@school.example',
		children: '20260102',
		leaves: ''
	},
	{ number: '20260101', name: '林晓', role: '学生', class: '七年级1班', email: '', children: '', leaves: '' },
	{ number: '20260102', name: '周子涵', role: '学生', class: '七年级2班', email: '', children: '', leaves: '' },
	{ number: 'J001', name: '林建国', role: '家长', class: '', email: '', children: '20260101', leaves: '' }
];
