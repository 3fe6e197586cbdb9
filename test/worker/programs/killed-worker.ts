// The real worker as a process of its own, which ends itself with SIGKILL at named moments of its activities, each once. What it is told
// comes as one JSON line on stdin; it says "ready" when it polls, and what it hit stands in a file before it dies.
import { AsyncLocalStorage } from 'node:async_hooks';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createActivities } from '../../../worker/activities/create-activities.ts';
import type { Activities, ActivityDeps } from '../../../worker/activities/create-activities.ts';
import type { WorkerSettings } from '../../../worker/config.ts';
import { startWorker } from '../../../worker/run-worker.ts';
import type { Boundary, Moment } from '../kill-boundaries.ts';

export interface Told {
  settings: WorkerSettings;
  taskQueue: string;
  boundaries: Boundary[];
  hitsFile: string;
}

/** The call that a commit belongs to. */
const calls = new AsyncLocalStorage<{ activity: string; argumentsText: string }>();

function killedAt({ boundaries, hitsFile }: Told, moment: Moment): void {
  const call = calls.getStore();
  const hit = boundaries.find(
    (each) =>
      each.moment === moment &&
      each.activity === call?.activity &&
      each.where.every((text) => call.argumentsText.includes(text)),
  );
  if (!hit) return;
  appendFileSync(hitsFile, `${hit.name}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** The worker's activities, with the kills around them. */
function killedActivities(told: Told, deps: ActivityDeps): Activities {
  const store: ActivityDeps['store'] = {
    ...deps.store,
    committed(feeds) {
      killedAt(told, 'commit');
      deps.store.committed(feeds);
    },
  };
  const real = Object.entries(createActivities({ ...deps, store })) as [string, Work][];
  const killed = real.map(([activity, work]) => [
    activity,
    (...args: unknown[]) =>
      calls.run({ activity, argumentsText: JSON.stringify(args) }, async () => {
        killedAt(told, 'begin');
        const answer = await work(...args);
        killedAt(told, 'answer');
        return answer;
      }),
  ]);
  return Object.fromEntries(killed) as Activities;
}
type Work = (...args: unknown[]) => Promise<unknown>;

const lines = createInterface({ input: process.stdin });
const told = JSON.parse(await new Promise<string>((done) => lines.once('line', done))) as Told;
// Whoever started it is gone.
process.stdin.once('end', () => process.exit(1));
await startWorker(told.settings, {
  log: (line) => console.error(line),
  stopping: new AbortController().signal,
  taskQueue: told.taskQueue,
  activities: (deps) => killedActivities(told, deps),
});
console.log('ready');
