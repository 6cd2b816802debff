import { prepareAndRun } from './prepare.mjs';

prepareAndRun('space.ts');
