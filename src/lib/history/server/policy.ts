import { documentsPolicy } from '#lib/documents/server/policy.ts';
import { rule } from '#lib/server/rule.ts';

/** Who writes in a document sees how it came about, deletions too, and hands it in. By the kind of the room. */
export const historyPolicy = {
	'history.see': rule('document', documentsPolicy['document.write'].allow),
	'history.keep': rule('document', documentsPolicy['document.write'].allow),
	'history.handIn': rule('document', documentsPolicy['document.write'].allow),
	'history.lock': rule('document', documentsPolicy['document.change'].allow)
} as const;
