// Row 7: 10,000 decisions from the outbox through Temporal to receipts that are durable in the outbox again.
// Ours is the whole application: core, server and worker in three processes. Bare is the sum of the parts that nobody can do without: the
// same signals counted by a workflow that does nothing else, the store's rows inserted by hand, and one pull that brings the receipts.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import Database from 'better-sqlite3';
import { signals } from '../../../domain/change.ts';
import { signedText } from '../../../domain/operation.ts';
import type { Operation, OperationBody, SignedOperation } from '../../../domain/operation.ts';
import type { CommandInput, CommandName, CommandOutput } from '../../../preload/contract.ts';
import { openApplication } from '../../../main/core/application.ts';
import type { Application } from '../../../main/core/application.ts';
import { profileFiles } from '../../../main/core/profiles.ts';
import { dataConverter } from '../../../worker/data-converter.ts';
import { asShown } from '../../main/core/desk-builder.ts';
import { coreOptions, saidServer, until } from '../../main/core/core-world.ts';
import { timed } from '../bench.ts';
import type { Bench, Figures } from '../bench.ts';
import { openRawStore } from '../bare/raw-store.ts';
import { sampleBody, sampleThings } from '../cached-laptop.ts';
import { startTeam } from '../running-team.ts';
import type { RunningTeam } from '../running-team.ts';

const decisionCount = 10_000;
const perOperation = 500;

async function core(folder: string): Promise<Figures> {
  await using team = await startTeam(folder);
  const server = saidServer({ kind: 'ready', address: team.address });
  const application = await openApplication(coreOptions(team.laptopDir, { profile: 'mara', server }));
  try {
    const reportId = await startReport(application);
    const versionId = await drawVersion(application, reportId, folder);
    await decideAll(application, versionId);
    const pushed = await timed(async () => {
      await ask(application, 'olga', 'review:submit', { versionId, verdict: 'approved', note: '' });
      const submitted = performance.now();
      await delivered(team.laptopDir);
      return performance.now() - submitted;
    });
    await ask(application, 'olga', 'sync:now', {});
    const { version } = await ask(application, 'olga', 'version:get', { versionId });
    if (version.counts.approved !== decisionCount) throw new Error(`after the push: ${JSON.stringify(version)}`);
    return { push: pushed.value, withSubmit: pushed.ms, events: await historyEvents(team, reportId) };
  } finally {
    await application.close();
  }
}

async function ask<Name extends CommandName>(
  application: Application,
  profile: string,
  name: Name,
  input: CommandInput<Name>,
): Promise<CommandOutput<Name>> {
  const result = await application.invoke(name, input, { profile });
  if (!result.ok) throw new Error(`${name}: ${result.error.kind}: ${result.error.message}`);
  return result.value as CommandOutput<Name>;
}

async function startReport(application: Application): Promise<string> {
  const assignments: CommandInput<'cycle:start'>['reports'][number]['assignments'] = [
    { personId: 'mara', role: 'test-manager' },
    { personId: 'tara', role: 'tester' },
    { personId: 'olga', role: 'report-owner' },
  ];
  const input = { name: 'Autumn', reports: [{ name: 'Cards', assignments }] };
  const { reportIds } = await ask(application, 'mara', 'cycle:start', input);
  await ask(application, 'mara', 'sync:now', {});
  return reportIds[0] ?? '';
}

/** Version 1 with all rows of a population of as many, made by the worker. */
async function drawVersion(application: Application, reportId: string, folder: string): Promise<string> {
  await ask(application, 'tara', 'sync:now', {});
  const path = join(folder, 'population.csv');
  const bodies = Array.from({ length: decisionCount }, (_, index) => sampleBody(index));
  const lines = bodies.map((body) =>
    Object.values(body)
      .map((value) => `"${String(value)}"`)
      .join(','),
  );
  writeFileSync(path, [Object.keys(sampleBody(0)).join(','), ...lines, ''].join('\n'));
  const job = await ask(application, 'tara', 'population:import', {
    ...{ reportId, source: { kind: 'path' as const, path }, keyColumn: 'ID', waitMs: 120_000 },
  });
  const plan = await ask(application, 'tara', 'sample:plan', {
    ...{ reportId, populationHash: job.fileHash ?? '', keyColumn: 'ID', lobColumn: null },
    ...{ risk: 0.05, tolerable: 0.05, expected: 0, sampleSize: decisionCount, seed: '20261121' },
  });
  await ask(application, 'tara', 'sample:draw', { reportId, planId: plan.planId });
  await ask(application, 'tara', 'sync:now', {});
  await ask(application, 'olga', 'profile:switch', { profile: 'olga' });
  return until(async () => {
    await ask(application, 'olga', 'sync:now', {});
    const [version] = await ask(application, 'olga', 'version:list', { reportId }).catch(() => []);
    if (!version) return null;
    const { total } = await ask(application, 'olga', 'version:items', {
      versionId: version.versionId,
      offset: 0,
      limit: 1,
    });
    return total === decisionCount ? version.versionId : null;
  });
}

async function decideAll(application: Application, versionId: string): Promise<void> {
  const decisions: CommandInput<'decision:record'>['decisions'] = [];
  for (let offset = 0; offset < decisionCount; offset += 500) {
    const { rows } = await ask(application, 'olga', 'version:items', { versionId, offset, limit: 500 });
    const decision = { verdict: 'approved' as const, reasonCode: null, note: '' };
    decisions.push(...rows.map(({ itemKey, contentHash }) => ({ itemKey, contentHash, decision })));
  }
  await ask(application, 'olga', 'decision:record', { versionId, decisions });
}

/** Everything that was queued has its receipt, in the outbox, on the disk: looked at from outside, so that asking costs the core nothing. */
async function delivered(laptopDir: string): Promise<void> {
  const outbox = new Database(profileFiles(laptopDir, 'olga').outbox, { readonly: true });
  const open = outbox.prepare<[], number>("SELECT count(*) FROM operations WHERE state IN ('queued', 'sent')").pluck();
  await until(() => open.get() === 0);
  const faults = outbox.prepare<[], string>("SELECT receipt FROM operations WHERE state <> 'applied'").pluck().all();
  outbox.close();
  if (faults.length > 0) throw new Error(`not everything was applied: ${faults.join(' ')}`);
}

async function historyEvents({ address, namespace }: RunningTeam, reportId: string): Promise<number> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const { historyLength } = await client.workflow.getHandle(`report/${reportId}`).describe();
  await connection.close();
  return historyLength;
}

/** The operations as the outbox makes them. */
function signedOperations(reportId: string, versionId: string): SignedOperation[] {
  const { privateKey } = generateKeyPairSync('ed25519');
  const shown = sampleThings(decisionCount).map((thing) => asShown(thing));
  const bodies: OperationBody[] = [];
  for (let from = 0; from < shown.length; from += perOperation) {
    const decisions = shown
      .slice(from, from + perOperation)
      .map((row) => ({ ...row, seenVerdict: 'pending' as const }));
    bodies.push({ kind: 'decisions.record', reportId, versionId, decisions });
  }
  const seen = { approved: decisionCount, rejected: 0, pending: 0 };
  bodies.push({ kind: 'review.submit', reportId, versionId, verdict: 'approved', note: '', seen });
  return bodies.map((body, index) => {
    const named = { operationId: randomUUID(), actorId: 'olga', deviceId: 'device-1', sequence: index + 1 };
    const operation: Operation = { ...named, decidedAt: new Date().toISOString(), body };
    const signature = sign(null, Buffer.from(signedText('operation', operation)), privateKey).toString('base64url');
    return { operation, signature };
  });
}

async function bare(folder: string): Promise<Figures> {
  await using team = await startTeam(folder);
  const [reportId, versionId] = ['report-1', 'version-1'];
  const operations = signedOperations(reportId, versionId);
  const keys = sampleThings(decisionCount).map(({ itemKey }) => itemKey);
  const store = await openRawStore(folder, reportId, versionId, keys);
  const inserts = await timed(() => operations.map((operation) => store.apply(operation)));
  store.close();
  const pageFile = join(folder, 'page.json');
  writeFileSync(pageFile, `[${inserts.value.join(',')}]`);
  const worker = fork(join(import.meta.dirname, '../bare/worker.ts'), [team.address, team.namespace, pageFile]);
  await once(worker, 'message');
  const connection = await Connection.connect({ address: team.address });
  const client = new Client({ connection, namespace: team.namespace, dataConverter });
  const start = { taskQueue: 'bare', workflowId: randomUUID() };
  const counting = await client.workflow.start('countSignals', { ...start, args: [operations.length] });
  const signalled = await timed(async () => {
    for (const operation of operations) await counting.signal(signals.submit, { operations: [operation] });
    await counting.result();
  });
  const pull = await timed(async () => {
    await client.workflow.execute('pullPage', { taskQueue: 'bare', workflowId: randomUUID(), args: [] });
  });
  await connection.close();
  worker.kill('SIGKILL');
  return { push: signalled.ms + inserts.ms + pull.ms, signals: signalled.ms, inserts: inserts.ms, pull: pull.ms };
}

export const bench: Bench = {
  name: 'push',
  shows: 'row 7: 10,000 decisions through Temporal to durable receipts',
  rounds: 3,
  contestants: { core, bare },
  comparisons: [
    {
      says: 'pushed, applied and receipted',
      ours: { contestant: 'core', figure: 'push' },
      theirs: { contestant: 'bare', figure: 'push' },
      goal: { kind: 'times', most: 1.2 },
    },
    {
      says: 'events in the report’s history',
      ours: { contestant: 'core', figure: 'events' },
      goal: { kind: 'at-most', most: 500, unit: 'events' },
    },
  ],
};
