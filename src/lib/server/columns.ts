import { sql } from 'drizzle-orm';
import { customType, timestamp, uuid } from 'drizzle-orm/pg-core';
import { newId } from '#lib/ids.ts';
import type { Id } from '#lib/ids.ts';

/** A place in the tree of spaces: labels from the region down, joined by dots (PostgreSQL `ltree`). */
export const ltree = customType<{ data: string }>({ dataType: () => 'ltree' });
export const bytea = customType<{ data: Uint8Array; driverData: Buffer }>({
	dataType: () => 'bytea',
	toDriver: (value) => Buffer.from(value.buffer, value.byteOffset, value.byteLength),
	fromDriver: (value) => new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
});

/** The primary key of a table whose rows are of one kind. */
export const key = <Kind extends string>() =>
	uuid('id')
		.primaryKey()
		.$type<Id<Kind>>()
		.$defaultFn(() => newId<Kind>());
export const ref = <Kind extends string>(name: string) => uuid(name).$type<Id<Kind>>();
/** A moment, kept to the millisecond, as JavaScript has it. */
export const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
export const createdAt = () =>
	moment('created_at')
		.notNull()
		.default(sql`now()`);
