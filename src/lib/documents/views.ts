import type { Component } from 'svelte';
import type { DocumentConnection } from './connection.svelte.ts';
import type { DocumentKind } from './model.ts';
import type { Watched } from './watched.svelte.ts';

/** What shows, and lets one change, the documents of one kind. */
export type DocumentView = Component<{ shared: DocumentConnection; writable: boolean; title: string }>;

/** What shows how a document of one kind came about, over the whole window. */
export type DocumentHistoryView = Component<{
	document: { id: string; title: string };
	shared: DocumentConnection;
	onclose: () => void;
}>;

/** What takes a document away as a file, and makes one of a file. */
export type DocumentExchangeView = DocumentHistoryView;

/** What shows a document small, for whoever looks at many at once. */
export type DocumentMiniature = Component<{ watched: Watched }>;

/** The views by kind. They stand above this domain, so the page hands them in; each is loaded when it is first needed. */
export type DocumentViews = Partial<
	Record<
		DocumentKind,
		{
			view: () => Promise<{ default: DocumentView }>;
			history?: () => Promise<{ default: DocumentHistoryView }>;
			exchange?: () => Promise<{ default: DocumentExchangeView }>;
			miniature?: () => Promise<{ default: DocumentMiniature }>;
		}
	>
>;
