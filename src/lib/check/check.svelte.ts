import { call, client } from '#lib/ui/client.ts';
import { items, judgeBrowser } from './model.ts';
import type { Found, Item } from './model.ts';
import { probeCall, probeDevice, probeHub, probeSocket, probeSpeaker } from './probe.ts';

/** One check of a network and a device: made in its page. Nothing that is found leaves the browser. */
export class NetworkCheck {
	state = $state<'idle' | 'running' | 'done'>('idle');
	found = $state.raw<Readonly<Record<Item, Found>>>(all('waiting'));
	/** When it was made. */
	at = $state.raw<Date | null>(null);

	/** Looks at everything, one after another, so that nothing slows down what is measured. */
	async run(hasTurn: boolean): Promise<void> {
		if (this.state === 'running') return;
		this.state = 'running';
		this.found = all('waiting');
		this.at = new Date();
		const tell = (item: Item, found: Found) => (this.found = { ...this.found, [item]: found });
		const begin = (...which: Item[]) => which.forEach((item) => tell(item, { outcome: 'running', value: '' }));
		tell('browser', judgeBrowser(navigator.userAgent, 'RTCPeerConnection' in globalThis));
		begin('hub');
		await probeHub(tell);
		begin('socket', 'collab');
		await Promise.all([probeSocket(tell, 'socket'), probeSocket(tell, 'collab')]);
		begin('signalling', 'udp');
		const loop = await call(client.check.call.$post()).catch(() => null);
		await probeCall(tell, loop, hasTurn);
		for (const item of ['microphone', 'camera'] as const) {
			begin(item);
			await probeDevice(tell, item);
		}
		begin('speaker');
		await probeSpeaker(tell);
		this.state = 'done';
	}

	/** The tone once more. */
	async sound(): Promise<void> {
		await probeSpeaker((item, found) => (this.found = { ...this.found, [item]: found }));
	}
}

function all(outcome: Found['outcome']): Record<Item, Found> {
	return Object.fromEntries(items.map((item) => [item, { outcome, value: '' }])) as Record<Item, Found>;
}
