import { call, client } from '#lib/ui/client.ts';
import type { Role } from '#lib/spaces/model.ts';
import type { Findable } from './search.ts';

/** Somebody who may be named in a text. */
interface Nameable extends Findable {
	id: string;
	role: Role;
	/** Of namesakes the end of their number. */
	tail: string | null;
}
/** A document that lies on the same table. */
export interface Beside extends Findable {
	id: string;
	kind: string;
}

/** Who and what a text can name: the people of its room and the documents on its table. */
export interface Surroundings {
	roomId: string;
	people: Nameable[];
	documents: Beside[];
}

/** Asks for the surroundings of a text once, when they are first needed; how names are spoken is found out here. */
export function surroundingsOf(documentId: string): () => Promise<Surroundings> {
	let asked: Promise<Surroundings> | null = null;
	let at = 0;
	const ask = async (): Promise<Surroundings> => {
		const [{ roomId, people, documents }, { pinyin }] = await Promise.all([
			call(client.documents[':documentId'].around.$get({ param: { documentId } })),
			import('pinyin-pro')
		]);
		const speak = (text: string, name: boolean) =>
			pinyin(text, { toneType: 'none', type: 'array', nonZh: 'consecutive', surname: name ? 'head' : 'off' });
		return {
			roomId,
			people: people.map(({ id, name, role, tail }) => ({ id, role, tail, label: name, spoken: speak(name, true) })),
			documents: documents.map(({ id, title, kind }) => ({ id, kind, label: title, spoken: speak(title, false) }))
		};
	};
	return () => {
		// A room changes slowly; what failed is asked for again.
		if (!asked || Date.now() - at > 60_000) {
			at = Date.now();
			asked = ask();
			asked.catch(() => (asked = null));
		}
		return asked;
	};
}
