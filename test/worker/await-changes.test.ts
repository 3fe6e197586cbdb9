// What wakes a waiting pull: the commit itself and not the next look, and the end of its worker. On a real store.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SignedPull } from '../../domain/change.ts';
import { awaitPage, readPage } from '../../worker/activities/await-changes.ts';
import type { ActivityDeps } from '../../worker/activities/create-activities.ts';
import { openTestStore } from '../builders.ts';
import type { TestStore } from '../builders.ts';

let opened: TestStore;
let deps: ActivityDeps;
const reportId = randomUUID();
const neverMs = 3_600_000;

beforeEach(async () => {
  opened = await openTestStore();
  deps = { ...({} as ActivityDeps), store: opened.store, clock: opened.clock };
  const assignments = [
    { personId: 'mara', role: 'test-manager' as const },
    { personId: 'olga', role: 'report-owner' as const },
  ];
  const report = { reportId, name: 'Cards', lobs: null, skips: [], deadlines: [], assignments, dueAt: null };
  const start = { kind: 'cycle.start' as const, cycleId: randomUUID(), name: 'Autumn', reports: [report] };
  await opened.send([opened.laptops.mara.operation(start)]);
});
afterEach(() => opened.close());

/** A pull that knows everything there is. */
async function emptyPull(waitMs: number): Promise<SignedPull> {
  const { answer } = await readPage(deps, opened.laptops.olga.pull({}));
  if (answer.kind === 'refused') throw new Error(answer.message);
  const cursors = Object.fromEntries(answer.feeds.map(({ feed, cursor }) => [feed, cursor]));
  return opened.laptops.olga.pull(cursors, { waitMs });
}

async function wait(pull: SignedPull, signal = new AbortController().signal) {
  const { answer, waitMs } = await readPage(deps, pull);
  expect(waitMs).toBe(pull.request.waitMs);
  return awaitPage(deps, pull, answer, signal, neverMs);
}

const assign = (personId: string) =>
  opened.laptops.mara.operation({ kind: 'assignment.set', reportId, personId, role: 'tester', assigned: true });

test('a commit in one of the person’s feeds wakes the wait by itself', async () => {
  const waiting = wait(await emptyPull(60_000));
  // All that the wait reads first is read before the next turn of the event loop: now it sleeps.
  await new Promise(setImmediate);
  await opened.send([assign('tara')]);
  const answer = await waiting;
  expect(answer.kind === 'page' && answer.feeds.flatMap((feed) => feed.rows).length).toBeGreaterThan(0);
});

test('the end of the worker wakes it with what there is', async () => {
  const stopping = new AbortController();
  const waiting = wait(await emptyPull(60_000), stopping.signal);
  stopping.abort();
  expect(await waiting).toMatchObject({ kind: 'page', feeds: [] });
});

test('a wait that was over before it began is answered at once', async () => {
  const stopped = AbortSignal.abort();
  expect(await wait(await emptyPull(60_000), stopped)).toMatchObject({ kind: 'page', feeds: [] });
});
