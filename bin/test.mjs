import { prepareAndRun } from './prepare.mjs';

prepareAndRun('test.ts');
