import type { DocumentId, RoomId } from '#lib/ids.ts';
import { may } from '#lib/server/authorize.ts';
import type { Placed } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import type { DocumentKind } from '../model.ts';
import type { DocumentRow } from './find.ts';

export interface DocumentView {
	id: DocumentId;
	roomId: RoomId;
	kind: DocumentKind;
	title: string;
	createdAt: string;
	/** Since when nobody writes in it any more; null while it is open. */
	lockedAt: string | null;
	can: { read: boolean; write: boolean; change: boolean };
}

export function presentDocument(ctx: Context, document: DocumentRow, place: Placed): DocumentView {
	return {
		id: document.id,
		roomId: document.roomId,
		kind: document.kind,
		title: document.title,
		createdAt: document.createdAt.toISOString(),
		lockedAt: document.lockedAt?.toISOString() ?? null,
		can: {
			read: may(ctx, 'document.read', place),
			write: may(ctx, 'document.write', place) && !document.lockedAt,
			change: may(ctx, 'document.change', place)
		}
	};
}
