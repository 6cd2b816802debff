import { documentsPolicy } from '#lib/documents/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

/** Who reads a document reads what is said about it; who may comment says something. */
export const commentsPolicy = {
	'comment.see': rule('document', documentsPolicy['document.read'].allow),
	'comment.write': rule('document', documentsPolicy['document.comment'].allow)
} as const;
