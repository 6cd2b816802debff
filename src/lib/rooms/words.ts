import { m } from '#lib/i18n/generated/messages.js';
import type { RoomKind } from './model.ts';

/** The word for a kind of room. */
export const roomKindName = (kind: RoomKind): string => m[`rooms.kind.${kind}`]();
