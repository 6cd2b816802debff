import { attendancePolicy } from '#lib/attendance/server/policy.ts';
import { captionsPolicy } from '#lib/captions/server/policy.ts';
import { chatPolicy } from '#lib/chat/server/policy.ts';
import { commentsPolicy } from '#lib/comments/server/policy.ts';
import { documentsPolicy } from '#lib/documents/server/policy.ts';
import { groupsPolicy } from '#lib/groups/server/policy.ts';
import { handoutsPolicy } from '#lib/handouts/server/policy.ts';
import { historyPolicy } from '#lib/history/server/policy.ts';
import { peoplePolicy } from '#lib/people/server/policy.ts';
import { projectsPolicy } from '#lib/projects/server/policy.ts';
import { recordingsPolicy } from '#lib/recordings/server/policy.ts';
import { recordsPolicy } from '#lib/records/server/policy.ts';
import { roomsPolicy } from '#lib/rooms/server/policy.ts';
import { roundsPolicy } from '#lib/rounds/server/policy.ts';
import { runsheetsPolicy } from '#lib/runsheets/server/policy.ts';
import { slidesPolicy } from '#lib/slides/server/policy.ts';
import { spacesPolicy } from '#lib/spaces/server/policy.ts';
import type { Rule } from './rule.ts';

/** The table that says who may do what: every domain's rows. Shown to administrators and tested cell by cell. */
export const policy = {
	...peoplePolicy,
	...spacesPolicy,
	...roomsPolicy,
	...roundsPolicy,
	...documentsPolicy,
	...groupsPolicy,
	...projectsPolicy,
	...slidesPolicy,
	...captionsPolicy,
	...runsheetsPolicy,
	...commentsPolicy,
	...historyPolicy,
	...handoutsPolicy,
	...chatPolicy,
	...recordsPolicy,
	...attendancePolicy,
	...recordingsPolicy
} as const satisfies Record<string, Rule>;

export type PolicyVerb = keyof typeof policy;
