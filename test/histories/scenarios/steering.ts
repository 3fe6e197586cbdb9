// Scenarios of what comes from outside the phases: deadlines, pauses, cancellation, runs that go on, lost workflows, unreadable input.
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { lobWorkflowId, signals, workflowIdOf, workflowTypes } from '../../../domain/change.ts';
import type { ReviveAnswer } from '../../../domain/change.ts';
import type { OperationBody } from '../../../domain/operation.ts';
import {
  at,
  applied,
  beginCycle,
  everybody,
  handIn,
  importRows,
  isIn,
  lobColumn,
  runReport,
  skipping,
} from '../../worker/cycle-world.ts';
import type { Cycle } from '../../worker/cycle-world.ts';
import { driveLane, drivenLobs, drivenRows } from '../../worker/driven-cycle.ts';
import {
  eventually,
  control,
  hasLanes,
  inLanes,
  inPlanning,
  laneId,
  progressOf,
  skip,
  statusOf,
  untilSamples,
} from '../scenario.ts';
import type { Given, Scenario } from '../scenario.ts';

export const steering: readonly Scenario[] = [
  { name: 'expired', run: expired },
  { name: 'expired-and-extended', run: extended },
  { name: 'report-cancelled', run: cancelled },
  { name: 'cancelled-on-the-server', run: cancelledOnServer },
  { name: 'paused-and-resumed', run: paused },
  { name: 'skipped-while-proposed', run: skippedWhileProposed },
  { name: 'cycle-controlled', run: cycleControlled },
  { name: 'continued-as-new', run: continued },
  { name: 'revived', run: revived },
  { name: 'dead-letters', run: deadLetters },
  { name: 'population-failed', run: populationFailed },
  { name: 'lobs-chosen-anew', run: lobsChosenAnew },
  { name: 'mailed', run: (given) => mailed(given, 'petra') },
  { name: 'mail-refused', run: (given) => mailed(given, 'paul') },
];

/** Reminded of, then over. */
async function expired(given: Given): Promise<Cycle> {
  const deadlines = [{ phase: 'planning' as const, dueAfterSeconds: 8, remindBeforeSeconds: 6 }];
  const cycle = await inPlanning(given, { deadlines });
  const line = await cycle.tara.phase(at(cycle, 'planning'), ({ expiredAt }) => expiredAt !== null);
  if (line.remindedAt === null) throw new Error('nobody was reminded');
  return cycle;
}

async function extended(given: Given): Promise<Cycle> {
  const cycle = await expired(given);
  const { reportId, mara, tara } = cycle;
  const dueAt = new Date(Date.now() + 3_600_000).toISOString();
  const later = { kind: 'deadline.set' as const, reportId, phase: 'planning' as const, lob: null, dueAt };
  await applied(mara.settled({ ...later, remindBeforeSeconds: 60, reason: 'the tester was ill' }));
  await handIn(cycle, at(cycle, 'planning'));
  await tara.phase(at(cycle, 'planning'), isIn('in-review'));
  return cycle;
}

async function cancelled(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  await control(cycle, 'cancel');
  await over(given, cycle, 'COMPLETED');
  return cycle;
}

async function cancelledOnServer(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  await given.world.report(cycle.reportId).cancel();
  await over(given, cycle, 'CANCELLED');
  return cycle;
}

async function over(given: Given, cycle: Cycle, status: 'COMPLETED' | 'CANCELLED'): Promise<void> {
  await eventually(
    async () => (await statusOf(given, workflowIdOf({ kind: 'report', id: cycle.reportId }))) === status,
  );
  if (!hasLanes(given)) return;
  for (const lob of drivenLobs)
    await eventually(async () => (await statusOf(given, laneId(cycle, lob))) === 'COMPLETED');
}

/** What is to be skipped waits for the end of the pause, in the report as in its lanes. */
async function paused(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  await control(cycle, 'pause');
  await eventually(async () => (await progressOf(given, cycle)).paused);
  await skip(cycle, 'cards', 'request-info');
  await control(cycle, 'resume');
  await cycle.tara.phase(at(cycle, 'test-execution', 'cards'), isIn('in-work'));
  return cycle;
}

/** What is being proposed is skipped together with what would follow it: an activity is cancelled while local ones come and go. */
async function skippedWhileProposed(given: Given): Promise<Cycle> {
  const cycle = await beginCycle(given.world, { skips: skipping('planning') });
  const { reportId, mara, tara } = cycle;
  const proposal = given.faults.hold(reportId, 'propose rules');
  try {
    await importRows(cycle);
    await proposal.reached;
    const operations = (['data-profiling', 'scoping', 'data-owner-id'] as const).map((phase) =>
      mara.operation({ kind: 'phase.skip', reportId, phase, lob: null, reason: `${phase} in a recording` }),
    );
    await given.world.report(reportId).signal(signals.submit, { operations });
    await tara.phase(at(cycle, 'sample-selection'), isIn('in-work'));
  } finally {
    proposal.release();
  }
  return cycle;
}

async function cycleControlled(given: Given) {
  const { reportId, cycleId, mara } = await beginCycle(given.world);
  const controlCycle = (act: 'pause' | 'resume' | 'cancel') =>
    applied(mara.settled({ kind: 'cycle.control', cycleId, act, reason: `${act} in a recording` }));
  await controlCycle('pause');
  await eventually(async () => (await progressOf(given, { reportId })).paused);
  await controlCycle('resume');
  await eventually(async () => !(await progressOf(given, { reportId })).paused);
  await controlCycle('cancel');
  await eventually(async () => (await statusOf(given, workflowIdOf({ kind: 'report', id: reportId }))) === 'COMPLETED');
  return { reportId, ofCycle: cycleId };
}

/** A report that is signed over several runs, of its lanes too. */
async function continued(given: Given): Promise<Cycle> {
  const { world } = given;
  const reportId = randomUUID();
  await world.client.workflow.start(workflowTypes.report, {
    ...{ workflowId: workflowIdOf({ kind: 'report', id: reportId }), taskQueue: world.taskQueue },
    args: [{ limits: { signals: 8, events: 60 } }],
  });
  const cycle = await inLanes(given, { reportId, skips: skipping(...untilSamples, 'observations') });
  for (const lob of drivenLobs) await driveLane(cycle, lob, {});
  await runReport(cycle);
  const progress = await progressOf(given, cycle);
  if (progress.continued < 3) throw new Error(`the report went on in a new run ${progress.continued} times only`);
  return cycle;
}

/** The server lost the report and its lanes; a laptop has them come back. */
async function revived(given: Given): Promise<Cycle> {
  const { world } = given;
  const cycle = await inLanes(given);
  const { reportId, tara } = cycle;
  await lose(given, workflowIdOf({ kind: 'report', id: reportId }));
  if (hasLanes(given)) for (const lob of drivenLobs) await lose(given, lobWorkflowId(reportId, lob));
  const handle = await world.start<ReviveAnswer>(workflowTypes.reviveReports, tara.signedRevive(reportId));
  const answer: ReviveAnswer = await handle.result();
  if (answer.kind !== 'revived') throw new Error(JSON.stringify(answer));
  await skip(cycle, 'cards', 'request-info');
  await tara.phase(at(cycle, 'test-execution', 'cards'), isIn('in-work'));
  return cycle;
}

async function lose(given: Given, workflowId: string): Promise<void> {
  // Of a lane that is just being started the server knows nothing yet.
  await eventually(async () => (await statusOf(given, workflowId)) !== null);
  const { workflowService } = given.world.client;
  await workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId } });
  await eventually(async () => (await statusOf(given, workflowId)) === null);
}

/** What nobody can read, and what only a newer program knows. */
async function deadLetters(given: Given): Promise<Cycle> {
  const { world } = given;
  const cycle = await beginCycle(world);
  const { reportId, mara } = cycle;
  const assignment: OperationBody = {
    kind: 'assignment.set',
    reportId,
    personId: 'lena',
    role: 'tester',
    assigned: true,
  };
  const good = mara.operation(assignment);
  const bad = [null, 'text', {}, { operations: [null] }, { operations: [{ ...good, signature: 'A'.repeat(86) }] }];
  for (const argument of bad) await world.report(reportId).signal(signals.submit, argument);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const payload = { metadata: { encoding: bytes('binary/martian') }, data: bytes('bytes') };
  const codec = { encode: async () => [payload], decode: async (payloads: (typeof payload)[]) => payloads };
  const forger = new Client({ connection: world.client.connection, dataConverter: { payloadCodecs: [codec] } });
  await forger.workflow.getHandle(workflowIdOf({ kind: 'report', id: reportId })).signal(signals.submit, {});
  const unknown = mara.operation({ ...assignment, kind: 'future.kind' } as unknown as OperationBody);
  await world.send(assignment, [unknown]);
  await mara.receipt(unknown.operation.operationId);
  await mara.settled(assignment);
  await eventually(async () => (await progressOf(given, cycle)).counts['dead-letter'] === bad.length + 1);
  return cycle;
}

/** A file that is no table, then one that is. */
async function populationFailed({ world }: Given): Promise<Cycle> {
  const cycle = await beginCycle(world);
  const { reportId, tara } = cycle;
  const { fileHash, fileSize } = await tara.handOver(reportId, '');
  const file = { fileHash, fileSize, fileName: 'empty.csv', keyColumn: 'ID' };
  await applied(tara.settled({ kind: 'population.import', reportId, ...file }));
  await tara.seen(
    (change) =>
      change.kind === 'population' &&
      change.population.reportId === reportId &&
      change.population.state.kind === 'failed',
  );
  await importRows(cycle);
  await tara.version(at(cycle, 'planning'), (version) => version.status === 'draft');
  return cycle;
}

/** The population has no such column: a tester chooses another. */
async function lobsChosenAnew({ world }: Given): Promise<Cycle> {
  const skips = skipping(...untilSamples);
  const cycle = await beginCycle(world, { lobs: { kind: 'column', column: 'REGION' }, skips });
  const { reportId, tara } = cycle;
  await importRows(cycle, drivenRows());
  await tara.report(reportId, ({ problem }) => problem !== null);
  await applied(tara.settled({ kind: 'lobs.set', reportId, source: lobColumn }));
  await tara.phase(at(cycle, 'sample-selection'), isIn('in-work'));
  return cycle;
}

/** People with an address: petra's server takes mail, paul's refuses it. */
async function mailed(given: Given, personId: 'petra' | 'paul'): Promise<Cycle> {
  const assignments = [...everybody, { personId, role: 'tester' as const }];
  const cycle = await inPlanning(given, { assignments });
  await cycle.tara.version(at(cycle, 'planning'), (version) => version.status === 'draft');
  if (personId === 'paul') await eventually(async () => (await progressOf(given, cycle)).alerts.length > 0);
  else await handIn(cycle, at(cycle, 'planning'));
  return cycle;
}
