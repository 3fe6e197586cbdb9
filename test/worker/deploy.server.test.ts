// Deploying: an older build of the worker and today's, one after the other on one server and one data folder, over reports in the middle of
// their work. What the README says of it is shown here.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queries, taskQueue } from '../../domain/change.ts';
import { ledgerFault } from '../../domain/ledger.ts';
import type { LedgerEntry } from '../../domain/ledger.ts';
import type { OperationBody } from '../../domain/operation.ts';
import type { ReportProgress } from '../../domain/report-progress.ts';
import type { TrackedMigration } from '../../domain/tracking.ts';
import type { Version, VersionItem } from '../../domain/version.ts';
import { readLedger } from '../../worker/store/writing.ts';
import { startTestTemporal } from '../server/temporal.ts';
import type { TestTemporal } from '../server/temporal.ts';
import {
  at,
  applied,
  beginCycle,
  complete,
  handIn,
  importRows,
  isIn,
  lobColumn,
  runDocuments,
  runOwners,
  runReport,
  runSample,
  runTesting,
  skipping,
} from './cycle-world.ts';
import type { Cycle } from './cycle-world.ts';
import { drivenLobs, drivenRows } from './driven-cycle.ts';
import type { ChangedSources } from './changed-sources.ts';
import { makeOlderBuild } from './older-build.ts';
import { endProgram, killPrograms, startSupervised, todaysBuild } from './worker-program.ts';
import type { WorkerProgram } from './worker-program.ts';
import { until, World } from './worker-world.ts';
import type { Laptop } from './worker-world.ts';

// Programs poll the usual queue, so they need a server that no other test uses.
let temporal: TestTemporal;
let world: World;
let older: ChangedSources;
let running: WorkerProgram | null = null;
beforeAll(async () => {
  older = makeOlderBuild();
  temporal = await startTestTemporal();
  world = await World.open({ address: temporal.address, taskQueue, worker: false });
});
afterAll(async () => {
  killPrograms();
  await world?.close();
  await temporal?.stop();
  older?.remove();
});

/** Stops the worker that runs, in order, and starts this one on the same data. */
async function deploy(build: string): Promise<void> {
  if (running) expect(await endProgram(running)).toBe(0);
  const { address, namespace } = temporal;
  const { dataDir, handoverDir } = world.settings();
  running = startSupervised({ address, namespace, dataDir, handoverDir: handoverDir ?? '' }, { build });
  await running.ready;
}

const progressOf = (reportId: string) => world.report(reportId).query<ReportProgress>(queries.progress);
const ledgerIn = (reportId: string): Promise<LedgerEntry[]> => world.inStore((store) => readLedger(store, reportId));
const move = (reportId: string): OperationBody => ({ kind: 'workflow.move', reportId, to: '2.0.0' });

/** A report whose lanes have just begun: both lines of business wait for their documents. */
async function beginAtLanes(): Promise<Cycle> {
  const cycle = await beginCycle(world, { lobs: lobColumn, skips: skipping('planning', 'data-profiling', 'scoping') });
  await runSample(cycle, await importRows(cycle, drivenRows()));
  await runOwners(cycle, drivenLobs, ['BALANCE', 'LOB']);
  for (const lob of drivenLobs) await cycle.tara.phase(at(cycle, 'request-info', lob), isIn('in-work'));
  return cycle;
}

/** Tests cards against an extract that has all of its samples otherwise, and hands the two observations in. */
async function observeCards(cycle: Cycle): Promise<Version> {
  const { tara } = cycle;
  const selection = await tara.version(at(cycle, 'sample-selection'), (version) => version.status === 'approved');
  const cards = (await tara.contents(selection.versionId)).filter(({ itemKey }) => Number(itemKey) <= 40);
  const lines = cards.map(({ itemKey }) => `${itemKey},debit cards,7`);
  const documentId = await runDocuments(cycle, 'cards', ['ID,LOB,BALANCE', ...lines, ''].join('\n'));
  await runTesting(cycle, 'cards', documentId, cards.length * 2);
  return handIn(cycle, at(cycle, 'observations', 'cards'));
}

function approving({ reportId, versionId }: Version, items: readonly Omit<VersionItem, 'versionId'>[]): OperationBody {
  const decisions = items.map(({ itemKey, contentHash }) => ({
    ...{ itemKey, contentHash, seenVerdict: 'pending' as const },
    decision: { verdict: 'approved' as const, reasonCode: null, note: '' },
  }));
  return { kind: 'decisions.record', reportId, versionId, decisions };
}

async function documentOf({ reportId, dana }: Cycle, lob: string): Promise<OperationBody> {
  const file = await dana.handOver(reportId, 'ID,LOB,BALANCE\n1,cards,10\n');
  const submit = { kind: 'document.submit' as const, reportId, lob, documentId: `extract-of-${lob}` };
  return {
    ...{ ...submit, ...file, title: `Extract of ${lob}`, fileName: `${lob}.csv` },
    ...{ effectiveDate: '2026-09-30', seenRevision: 0, note: '' },
  };
}

/** What comes after the lanes: loans is left out, and the report is signed. */
async function toSignature(cycle: Cycle): Promise<Version> {
  const { mara, tara } = cycle;
  for (const phase of ['request-info', 'test-execution'] as const) {
    await tara.phase(at(cycle, phase, 'loans'), isIn('in-work'));
    await applied(mara.settled({ kind: 'phase.skip', ...at(cycle, phase, 'loans'), reason: 'seen on site' }));
  }
  return runReport(cycle);
}

async function migrationsSeen(laptop: Laptop): Promise<TrackedMigration[]> {
  await laptop.pull(0);
  return laptop.changes
    .flatMap(({ change }) => (change.kind === 'tracking' ? change.entries : []))
    .filter((entry): entry is TrackedMigration => entry.kind === 'migration');
}

test(
  'a report in the middle of a review goes on under a new worker as it began, and as the newest version when a manager moves it',
  { timeout: 300_000 },
  async () => {
    await deploy(older.folder);
    const cycle = await beginAtLanes();
    const { reportId, mara, olga, tara } = cycle;
    const observations = await observeCards(cycle);
    const [first, second] = await olga.contents(observations.versionId);
    if (!first || !second) throw new Error('there are not two observations');
    await applied(olga.settled(approving(observations, [first])));
    // It is an older worker: of moving a report it has never heard.
    expect(await mara.settled(move(reportId))).toMatchObject({ state: 'refused', reason: { code: 'unknown-kind' } });
    expect(await mara.report(reportId, () => true)).toMatchObject({ workflowVersion: '1.2.0' });

    await deploy(todaysBuild);
    await applied(olga.settled(approving(observations, [second])));
    expect(await progressOf(reportId)).toMatchObject({ version: '1.2.0', alerts: [], continued: 0 });
    const seen = { approved: 2, rejected: 0, pending: 0 };
    const { versionId } = observations;
    await applied(
      olga.settled({ kind: 'review.submit', reportId, versionId, verdict: 'approved', note: 'both hold', seen }),
    );
    await tara.phase(at(cycle, 'observations', 'cards'), isIn('completed'));

    await applied(mara.settled(move(reportId)));
    await mara.report(reportId, (report) => report.workflowVersion === '2.0.0' && report.movesTo === undefined);
    await until(async () => (await progressOf(reportId).catch(() => null))?.continued === 1);
    expect(await progressOf(reportId)).toMatchObject({ version: '2.0.0', alerts: [] });
    expect(await migrationsSeen(mara)).toMatchObject([{ from: '1.2.0', to: '2.0.0', by: 'mara' }]);
    expect(await toSignature(cycle)).toMatchObject({ status: 'approved' });

    const ledger = await ledgerIn(reportId);
    expect(ledgerFault(ledger, (await progressOf(reportId)).ledgerHead ?? undefined)).toBeNull();
    expect(ledger.filter(({ kind }) => kind === 'workflow.moved')).toHaveLength(1);
    const next = await beginCycle(world);
    expect(await next.mara.report(next.reportId, () => true)).toMatchObject({ workflowVersion: '2.0.0' });
  },
);

test(
  'an older worker leaves a report of a newer version alone and says so; the newer one takes it up with nothing lost',
  { timeout: 300_000 },
  async () => {
    await deploy(todaysBuild);
    const cycle = await beginAtLanes();
    const { reportId, mara, tara, dana } = cycle;
    const before = await ledgerIn(reportId);
    await deploy(older.folder);
    const sent = [
      await mara.do({ kind: 'assignment.set', reportId, personId: 'tom', role: 'tester', assigned: false }),
      await dana.do(await documentOf(cycle, 'cards')),
      await mara.do({ kind: 'assignment.set', reportId, personId: 'tom', role: 'tester', assigned: true }),
    ];
    const waits = await until(async () => {
      const now = await progressOf(reportId).catch(() => null);
      return now && now.alerts.length > 0 && now.waiting === sent.length ? now : null;
    });
    expect(waits.alerts.map(({ kind, message }) => ({ kind, message }))).toEqual([
      {
        kind: 'apply-failing',
        message:
          'this report runs as workflow version 2.0.0 and this worker knows up to 1.2.0: start the newer worker, this one leaves the report alone',
      },
    ]);
    // Others go on meanwhile, beginning as what this worker knows.
    const other = await beginCycle(world);
    expect(await other.mara.report(other.reportId, () => true)).toMatchObject({ workflowVersion: '1.2.0' });
    expect(await ledgerIn(reportId)).toEqual(before);

    await deploy(todaysBuild);
    for (const [index, laptop] of [mara, dana, mara].entries()) {
      const operationId = sent[index]?.operation.operationId ?? '';
      expect(await laptop.receipt(operationId)).toMatchObject({ state: 'applied' });
    }
    const ledger = await ledgerIn(reportId);
    const ids = ledger.slice(before.length).map(({ operationId }) => operationId);
    expect(ids).toEqual(sent.map(({ operation }) => operation.operationId));
    // The lane that was sent something goes on with it.
    const accepted = { lob: 'cards', documentId: 'extract-of-cards', seenRevision: 1, verdict: 'accepted' as const };
    await applied(tara.settled({ kind: 'document.review', reportId, ...accepted, reason: '' }));
    await complete(tara, at(cycle, 'request-info', 'cards'));
    const { alerts, continued, ledgerHead } = await progressOf(reportId);
    expect({ alerts, continued }).toEqual({ alerts: [], continued: 0 });
    expect(ledgerFault(await ledgerIn(reportId), ledgerHead ?? undefined)).toBeNull();
  },
);
