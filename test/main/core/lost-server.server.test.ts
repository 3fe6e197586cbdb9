// The server's whole database is thrown away in the middle of a review. The store and the laptops go on with an empty server:
// everything is delivered once, what was under way is finished, the queries are right.
import { writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queries, workflowIdOf } from '../../../domain/change.ts';
import { ledgerFault } from '../../../domain/ledger.ts';
import type { BoundDecision, OperationBody } from '../../../domain/operation.ts';
import type { PhaseVersion, ReportProgress } from '../../../domain/report-progress.ts';
import { practiceAccounts, practiceCsv } from '../../../main/core/imports/practice.ts';
import type { Session } from '../../../main/core/session.ts';
import { dataConverter } from '../../../worker/data-converter.ts';
import { applyOperations } from '../../../worker/store/apply.ts';
import { openStore } from '../../../worker/store/store.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import { coreOn, saidServer, temporaryFolder, until } from './core-world.ts';
import { cycleOfSamples } from './cycles.ts';
import { startServerWorld } from './server-world.ts';
import type { ServerWorld } from './server-world.ts';

let world: ServerWorld;
let mara: Session;
let tara: Session;
let olga: Session;
const ends: (() => Promise<void> | void)[] = [];

/** One person's laptop, on a data folder of its own. */
function laptop(personId: string, dataDir: string): Session {
  const timing = { maxDelayMs: 1_000, resendAfterMs: 1_000, unknownAtMostMs: 1_000 };
  const core = coreOn(dataDir, {
    profile: personId,
    timing,
    server: saidServer({ kind: 'ready', address: world.address }),
  });
  ends.unshift(() => core.close());
  return core.session(personId);
}
beforeAll(async () => {
  world = await startServerWorld();
  ends.push(() => world.close());
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  ends.push(first.remove, second.remove);
  mara = laptop('mara', first.path);
  olga = laptop('olga', second.path);
  // The worker takes files from this one's folder.
  tara = laptop('tara', world.dataDir);
});
afterAll(async () => {
  for (const end of ends) await end();
});

/** A report with an imported population and a recorded plan for its sample. */
async function planned(): Promise<{ reportId: string; planId: string }> {
  const cycle = cycleOfSamples('2026-11-21');
  const reportId = cycle.reports[0]?.reportId ?? '';
  mara.queue([cycle]);
  await until(() => tara.cache.report(reportId));
  const file = join(world.dataDir, `${reportId}.csv`);
  writeFileSync(file, practiceCsv(practiceAccounts(7)));
  const job = await tara.imports.startPath(reportId, file, { kind: 'population', keyColumn: 'ID' });
  expect((await tara.imports.settled(job.importId, 60_000))?.state.kind).toBe('ready');
  // The phases before are skipped once the population is there.
  const lines = () => tara.cache.report(reportId)?.phases ?? [];
  await until(() => lines().some((line) => line.phase === 'sample-selection' && line.state === 'in-work'));
  const planId = randomUUID();
  const request = {
    ...{ populationHash: tara.cache.populations(reportId)[0]?.populationHash ?? '', keyColumn: 'ID', lobColumn: null },
    lob: null,
    ...{ risk: 0.05, tolerable: 0.05, expected: 0, sampleSize: null, seed: '20261121', seedOrigin: 'given' as const },
  };
  await delivered(tara, [{ kind: 'sample.plan', reportId, planId, request }]);
  return { reportId, planId };
}

async function delivered(session: Session, bodies: OperationBody[]): Promise<void> {
  const ids = session.queue(bodies);
  await until(() => ids.every((id) => session.outbox.tables.operations.get(id)?.state === 'applied'));
}

const versionOf = (session: Session, reportId: string, number: number): Promise<string> =>
  until(() => session.cache.versions(reportId).find((version) => version.number === number)?.versionId);

function stored<Row>(sql: string, ...values: string[]): Row[] {
  const db = new Database(world.storeFile, { readonly: true });
  try {
    return db.prepare<string[], Row>(sql).all(...values);
  } finally {
    db.close();
  }
}

/** Decisions of somebody who saw the items pending, by their positions. */
function decisionsOn(versionId: string, from: number, to: number, verdict: 'approved' | 'rejected'): BoundDecision[] {
  const reasonCode = verdict === 'rejected' ? ('voided' as const) : null;
  return stored<{ itemKey: string; contentHash: string }>(
    'SELECT item_key AS itemKey, content_hash AS contentHash FROM items WHERE version_id = ? ORDER BY position',
    versionId,
  )
    .slice(from, to)
    .map((item) => ({ ...item, seenVerdict: 'pending', decision: { verdict, reasonCode, note: '' } }));
}

async function query<Answer>(reportId: string, name: string): Promise<Answer> {
  const connection = await Connection.connect({ address: world.address });
  try {
    const client = new Client({ connection, dataConverter });
    return await client.workflow.getHandle(workflowIdOf({ kind: 'report', id: reportId })).query<Answer>(name);
  } finally {
    await connection.close();
  }
}

test('what was sent without a receipt and what was queued arrive once and in order, and the next revision is made', async () => {
  const { reportId, planId } = await planned();
  await delivered(tara, [{ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted: [] }]);
  const versionId = await versionOf(olga, reportId, 1);
  const items = decisionsOn(versionId, 0, 10_000, 'approved').length;

  await world.stopWorker('SIGKILL');
  const approvals = decisionsOn(versionId, 1, items, 'approved');
  const sent = olga.queue([{ kind: 'decisions.record', reportId, versionId, decisions: approvals }]);
  await until(() => olga.outbox.sentOperations() === 1);
  await olga.sync.stop();
  const rejection = decisionsOn(versionId, 0, 1, 'rejected');
  const seen = { approved: items - 1, rejected: 1, pending: 0 };
  const queued = olga.queue([
    { kind: 'decisions.record', reportId, versionId, decisions: rejection },
    { kind: 'review.submit', reportId, versionId, verdict: 'revision-requested', note: '', seen },
  ]);
  await world.forgetEverything();
  await world.startWorker();
  olga.sync.start();
  await until(() => olga.outbox.queuedOperations() + olga.outbox.sentOperations() === 0);
  for (const id of [...sent, ...queued])
    expect([olga.outbox.tables.operations.get(id)?.state, olga.outbox.tables.operations.get(id)?.reason]).toEqual([
      'applied',
      null,
    ]);

  const [rejected] = rejection;
  if (!rejected) throw new Error('the sample is empty');
  const { itemKey, contentHash } = rejected;
  await until(() => tara.cache.versions(reportId)[0]?.reviewVerdict === 'revision-requested');
  const answers = [{ itemKey, contentHash, answer: 'replace' as const }];
  await delivered(tara, [{ kind: 'revision.submit', reportId, versionId, answers, note: '' }]);
  const secondId = await versionOf(olga, reportId, 2);

  const phase = 'sample-selection' as const;
  expect(await query<PhaseVersion[]>(reportId, queries.phaseVersions)).toEqual([
    { phase, lob: null, versionId: secondId, number: 2, status: 'in-review' },
  ]);
  const store = await openStore({ file: world.storeFile });
  const ledger = await readLedger(store, reportId);
  await store.close();
  const progress = await query<ReportProgress>(reportId, queries.progress);
  expect(progress).toMatchObject({ waiting: 0, alerts: [], counts: { refused: 0, conflict: 0, 'dead-letter': 0 } });
  expect(ledgerFault(ledger, progress.ledgerHead ?? undefined)).toBeNull();
  const entered = ledger.flatMap((entry) => (entry.entryKey === entry.operationId ? [entry.operationId] : []));
  for (const id of [...sent, ...queued]) expect(entered.filter((entry) => entry === id)).toHaveLength(1);
});

test('a version that was being made is made, by whichever laptop comes back first', async () => {
  const { reportId, planId } = await planned();
  await tara.sync.stop();
  tara.queue([{ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted: [] }]);
  const [batch] = tara.outbox.nextBatches({ limit: 1 });
  if (!batch) throw new Error('nothing is queued');
  // As if the server had been lost between the receipt and the work.
  await world.stopWorker('SIGKILL');
  const store = await openStore({ file: world.storeFile });
  const now = () => new Date().toISOString();
  await applyOperations(
    store,
    batch.target,
    batch.operations.map((raw) => ({ raw, receivedAt: now() })),
    now,
  );
  await store.close();
  await world.forgetEverything();
  await world.startWorker();
  await versionOf(olga, reportId, 1);
  expect(stored('SELECT version_id FROM versions WHERE report_id = ?', reportId)).toHaveLength(1);
  tara.sync.start();
  await until(() => tara.outbox.queuedOperations() + tara.outbox.sentOperations() === 0);
  expect(tara.outbox.tables.operations.get(batch.operationIds[0] ?? '')?.state).toBe('applied');
});
