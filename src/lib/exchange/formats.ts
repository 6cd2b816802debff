/** What a text is taken away as. */
export const formats = ['docx', 'pdf', 'markdown', 'html'] as const;
export type Format = (typeof formats)[number];

export const endings: Record<Format, string> = { docx: 'docx', pdf: 'pdf', markdown: 'md', html: 'html' };
export const mimeTypes: Record<Format, string> = {
	docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
	pdf: 'application/pdf',
	markdown: 'text/markdown',
	html: 'text/html'
};
export const readable = '.docx,.md,.markdown,.html,.htm,.txt';

/** The largest file that is read, in bytes, and what it may unpack to. */
export const largest = { file: 50 * 1024 * 1024, unpacked: 200 * 1024 * 1024, text: 80 * 1024 * 1024, plain: 10 * 1024 * 1024 };
/** So many paragraphs, cells and items a text may have; more is no text that people write together. */
export const mostBlocks = 60_000;
export const mostPictures = 500;

export const troubles = ['tooLarge', 'tooLong', 'unknown', 'oldWord', 'macros', 'locked', 'broken', 'bomb', 'empty'] as const;
export type Trouble = (typeof troubles)[number];

/** A file that is not read; why, is a sentence for people. */
export class WrongFile extends Error {
	readonly trouble: Trouble;
	constructor(trouble: Trouble) {
		super(trouble);
		this.trouble = trouble;
	}
}

/** A name for a file: the title and the day. */
export function fileName(title: string, format: Format, at: Date): string {
	const clean = title
		.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
		.replace(/[\\/:*?"<>|]+/g, ' ')
		.replace(/\s+/g, ' ')
		.trim()
		.replace(/^\.+|\.+$/g, '');
	const two = (part: number) => String(part).padStart(2, '0');
	const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
	return `${[...clean].slice(0, 80).join('').trim() || '文档'} ${day}.${endings[format]}`;
}
