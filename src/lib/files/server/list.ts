import { and, desc, eq, isNotNull, isNull } from 'drizzle-orm';
import { findDocument } from '#lib/documents/server/index.ts';
import { documents } from '#lib/documents/server/table.ts';
import { idOf } from '#lib/ids.ts';
import { authorize } from '#lib/server/authorize.ts';
import type { Context } from '#lib/server/context.ts';
import { query } from '#lib/server/transaction.ts';
import type { FileView } from '../model.ts';
import { isWhole } from './find.ts';
import { presentFile } from './present.ts';
import { files } from './table.ts';

/** So many are offered; who has more looks for them where they lie. */
const most = 200;

/** The files of all documents on the table on which a document lies, the newest first. */
export async function listFiles(ctx: Context, input: { documentId: string }): Promise<FileView[]> {
	const documentId = idOf('document').parse(input.documentId);
	return query(ctx, async (ctx) => {
		const { document, place } = await findDocument(ctx, documentId);
		authorize(ctx, 'document.read', place);
		const rows = await ctx.db
			.select({ file: files })
			.from(files)
			.innerJoin(documents, eq(documents.id, files.documentId))
			.where(and(eq(documents.roomId, document.roomId), isNull(documents.archivedAt), isNotNull(files.sha256)))
			.orderBy(desc(files.at))
			.limit(most);
		return rows.flatMap(({ file }) => (isWhole(file) ? [presentFile(file)] : []));
	});
}
