import { Acts } from '#lib/ui/acts.svelte.ts';
import { call, client } from '#lib/ui/client.ts';
import type { Means, Need, RoomRules, Spotlight } from './model.ts';

/** What one does to the session of a room: made in its page. What the room refuses is told in its sentence. */
export class RoomActs extends Acts {
	readonly #roomId: string;

	constructor(roomId: string) {
		super();
		this.#roomId = roomId;
	}

	get #room() {
		return { param: { roomId: this.#roomId } };
	}
	#person = (personId: string) => ({ param: { roomId: this.#roomId, personId } });

	setRules = (json: Partial<RoomRules>) => this.do(() => call(client.rooms[':roomId'].rules.$post({ ...this.#room, json })));
	admitAll = () => this.do(() => call(client.rooms[':roomId'].admit.$post(this.#room)));
	admit = (personId: string) =>
		this.do(() => call(client.rooms[':roomId'].people[':personId'].admit.$post(this.#person(personId))));
	permit = (personId: string, json: { stage?: boolean; denied?: Means[]; hand?: false }) =>
		this.do(() => call(client.rooms[':roomId'].people[':personId'].permit.$post({ ...this.#person(personId), json })));
	sendToLobby = (personId: string, message: string) =>
		this.do(() =>
			call(client.rooms[':roomId'].people[':personId'].lobby.$post({ ...this.#person(personId), json: { message } }))
		);
	turnOut = (personId: string, message: string) =>
		this.do(() =>
			call(client.rooms[':roomId'].people[':personId']['turn-out'].$post({ ...this.#person(personId), json: { message } }))
		);
	lowerHands = () => this.do(() => call(client.rooms[':roomId'].hands.lower.$post(this.#room)));
	callNext = () => this.do(() => call(client.rooms[':roomId'].hands.next.$post(this.#room)));
	spotlight = (spotlight: Spotlight | null) =>
		this.do(() => call(client.rooms[':roomId'].spotlight.$post({ ...this.#room, json: { spotlight } })));
	end = () => this.do(() => call(client.rooms[':roomId'].end.$post(this.#room)));
	signal = (json: { hand?: boolean; need?: Need | null }) =>
		this.do(() => call(client.rooms[':roomId'].signal.$post({ ...this.#room, json })));
}
