/** What a map is taken away as. */
export const exportKinds = ['xmind', 'freemind', 'opml', 'markdown', 'png', 'svg'] as const;
export type ExportKind = (typeof exportKinds)[number];

export const endings: Record<ExportKind, string> = {
	xmind: 'xmind',
	freemind: 'mm',
	opml: 'opml',
	markdown: 'md',
	png: 'png',
	svg: 'svg'
};

export const importTypes = '.xmind,.mm,.opml,.md,.markdown,.txt,.xml';
