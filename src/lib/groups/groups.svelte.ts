import { Acts, sentenceOf } from '#lib/ui/acts.svelte.ts';
import { call, client } from '#lib/ui/client.ts';
import type { GroupsView, Way } from './model.ts';

const routes = client.rooms[':roomId'].groups;
const one = routes[':setId'];

/** The groups of one room, as the page of somebody in it knows and changes them. */
export class Groups extends Acts {
	view = $state.raw<GroupsView | null>(null);
	/** How far the server's clock is ahead of this machine's, in milliseconds. */
	ahead = 0;
	readonly #roomId: string;

	constructor(roomId: string) {
		super();
		this.#roomId = roomId;
	}

	async look(): Promise<void> {
		try {
			const view = await call(routes.$get({ param: { roomId: this.#roomId } }));
			this.ahead = Date.parse(view.now) - Date.now();
			this.view = view;
		} catch (error) {
			// What was seen before stays; the room itself says when the line is cut.
			if (!this.view) this.trouble = sentenceOf(error);
		}
	}

	#param = (setId: string) => ({ param: { roomId: this.#roomId, setId } });

	make = (json: { title: string; way: Way; count: number; insideOnly: boolean }) =>
		this.#do(() => call(routes.$post({ param: { roomId: this.#roomId }, json })));
	open = (setId: string, minutes: number | null) =>
		this.#do(() => call(one.open.$post({ ...this.#param(setId), json: minutes ? { minutes } : {} })));
	callBack = (setId: string) => this.#do(() => call(one['call-back'].$post(this.#param(setId))));
	tell = (setId: string, text: string) => this.#do(() => call(one.tell.$post({ ...this.#param(setId), json: { text } })));
	move = (setId: string, personId: string, groupId: string | null) =>
		this.#do(() => call(one.members.$post({ ...this.#param(setId), json: { personId, groupId } })));
	rename = (setId: string, groupId: string, title: string) =>
		this.#do(() => call(one.names.$post({ ...this.#param(setId), json: { groupId, title } })));
	choose = (setId: string, groupId: string) =>
		this.#do(() => call(one.choose.$post({ ...this.#param(setId), json: { groupId } })));
	archive = (setId: string) => this.#do(() => call(one.$delete(this.#param(setId))));

	async #do(act: () => Promise<unknown>): Promise<boolean> {
		const done = await this.do(act);
		// What was refused stays said.
		if (done) await this.look();
		return done;
	}
}
