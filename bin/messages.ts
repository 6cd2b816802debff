import { compile } from '@inlang/paraglide-js';
import { paraglide } from '../paraglide.config.ts';

// Makes code of the messages. The compiler leaves timers behind that would keep this process for half a minute.
await compile(paraglide);
process.exit();
