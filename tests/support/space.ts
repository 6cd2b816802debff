import type { SignIn } from '../../bin/servers/demonstration.ts';
import type { Part } from '../../bin/servers/space.ts';
import { ask } from './control.ts';

/** The space that all journeys share, for what a browser cannot do. */
export const space = {
	/** The demonstration school's sign-ins, one person per role. */
	signIns: () => tell<SignIn[]>('signIns'),
	/** Its database, as the owner of the tables. */
	databaseUrl: () => tell<string>('databaseUrl'),
	/** Ends every server in order and starts all again. */
	restart: () => tell<null>('restart'),
	/** Loses one part as by a fault; its keeper starts it again. */
	kill: (part: Part) => tell<null>('kill', part),
	/** Ends one part until `restart`. */
	stop: (part: Part) => tell<null>('stop', part)
};

function tell<T>(name: string, argument?: string): Promise<T> {
	const control = process.env.SPACE_TEST_CONTROL;
	if (!control) throw new Error('The space of the journeys is kept by tests/support/journeys.ts: run them by Playwright.');
	return ask(control, name, argument);
}
