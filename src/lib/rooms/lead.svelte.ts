import { m } from '#lib/i18n/generated/messages.js';
import { call, client, Refused } from '#lib/ui/client.ts';
import type { Means, Need, RoomRules } from './model.ts';

/** What one does to the session of a room: made in its page. What the room refuses is told in its sentence. */
export class RoomActs {
	/** The sentence for what failed last; empty when the last act was done. */
	trouble = $state('');
	/** Acts that the server has not answered yet. */
	pending = $state(0);
	readonly #roomId: string;

	constructor(roomId: string) {
		this.#roomId = roomId;
	}

	get #room() {
		return { param: { roomId: this.#roomId } };
	}
	#person = (personId: string) => ({ param: { roomId: this.#roomId, personId } });

	setRules = (json: Partial<RoomRules>) => this.#do(() => call(client.rooms[':roomId'].rules.$post({ ...this.#room, json })));
	admitAll = () => this.#do(() => call(client.rooms[':roomId'].admit.$post(this.#room)));
	admit = (personId: string) =>
		this.#do(() => call(client.rooms[':roomId'].people[':personId'].admit.$post(this.#person(personId))));
	permit = (personId: string, json: { stage?: boolean; denied?: Means[]; hand?: false }) =>
		this.#do(() => call(client.rooms[':roomId'].people[':personId'].permit.$post({ ...this.#person(personId), json })));
	sendToLobby = (personId: string, message: string) =>
		this.#do(() =>
			call(client.rooms[':roomId'].people[':personId'].lobby.$post({ ...this.#person(personId), json: { message } }))
		);
	turnOut = (personId: string, message: string) =>
		this.#do(() =>
			call(client.rooms[':roomId'].people[':personId']['turn-out'].$post({ ...this.#person(personId), json: { message } }))
		);
	lowerHands = () => this.#do(() => call(client.rooms[':roomId'].hands.lower.$post(this.#room)));
	callNext = () => this.#do(() => call(client.rooms[':roomId'].hands.next.$post(this.#room)));
	end = () => this.#do(() => call(client.rooms[':roomId'].end.$post(this.#room)));
	signal = (json: { hand?: boolean; need?: Need | null }) =>
		this.#do(() => call(client.rooms[':roomId'].signal.$post({ ...this.#room, json })));

	async #do(act: () => Promise<unknown>): Promise<boolean> {
		this.pending++;
		try {
			await act();
			this.trouble = '';
			return true;
		} catch (error) {
			this.trouble = error instanceof Refused ? error.message : m['error.offline']();
			return false;
		} finally {
			this.pending--;
		}
	}
}
