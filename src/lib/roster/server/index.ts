export { findSchoolByName, importRoster } from './import.ts';
export type { ImportReport } from './import.ts';
export { listPeople, mySchools } from './people.ts';
export type { EnrolledPerson } from './people.ts';
export { planInWords, presentReport } from './present.ts';
export { giveFirstPassword, resetPassword } from './reset-password.ts';
export { foundRegion, foundSchool } from './region.ts';
