import { parentPort, workerData } from 'node:worker_threads';
import { makeSnapshot } from './snapshot.ts';
import type { SnapshotOrder } from './snapshot.ts';

/** Runs beside the server, so that encoding a large document holds nobody up. */
parentPort?.postMessage(makeSnapshot(workerData as SnapshotOrder));
