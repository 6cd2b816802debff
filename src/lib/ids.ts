import { v7 } from 'uuid';
import { z } from 'zod';

declare const brand: unique symbol;
/** An id that the compiler keeps apart from the ids of other things; a uuid v7 on the wire. */
export type Id<Kind extends string> = string & { readonly [brand]: Kind };

export type PersonId = Id<'person'>;
export type SpaceId = Id<'space'>;
export type RoomId = Id<'room'>;
export type SessionId = Id<'session'>;
export type DocumentId = Id<'document'>;

/** A new id; sorts by the time it was made. */
export const newId = <Kind extends string>(): Id<Kind> => v7() as Id<Kind>;

/** The schema of an id of one kind. */
export const idOf = <Kind extends string>(kind: Kind) =>
	z
		.uuid()
		.transform((value) => value as Id<Kind>)
		.describe(`id of a ${kind}`);
