import { fileUrl } from '../model.ts';
import type { FileView } from '../model.ts';
import type { WholeFile } from './find.ts';

export const presentFile = ({ id, name, type, bytes, width, height }: WholeFile): FileView => ({
	id,
	url: fileUrl(id),
	name,
	type,
	bytes,
	...(width !== null && height !== null ? { width, height } : {})
});
