import type { RoomId, SpaceId } from '#lib/ids.ts';
import { may } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import type { SpaceKind } from '#lib/spaces/model.ts';
import type { SpaceRow } from '#lib/spaces/server/index.ts';
import type { RoomKind } from '../model.ts';
import { placeOf } from './find.ts';
import type { RoomRow } from './find.ts';

export interface RoomView {
	id: RoomId;
	kind: RoomKind;
	title: string;
	/** Of a group: the room that it is a part of. */
	parentId: RoomId | null;
	space: { id: SpaceId; name: string; kind: SpaceKind };
	can: { enter: boolean; change: boolean; lead: boolean; analyse: boolean; createDocument: boolean };
}

export function presentRoom(ctx: Context, room: RoomRow, space: Pick<SpaceRow, 'id' | 'name' | 'kind'>): RoomView {
	const place = placeOf(room);
	return {
		id: room.id,
		kind: room.kind,
		title: room.title,
		parentId: room.parentId,
		space: { id: space.id, name: space.name, kind: space.kind },
		can: {
			enter: may(ctx, 'room.enter', place),
			change: may(ctx, 'room.change', place),
			lead: may(ctx, 'room.lead', place),
			analyse: may(ctx, 'room.analyse', place),
			createDocument: may(ctx, 'document.create', place)
		}
	};
}
