// Owns the transitions that the workflow makes by itself: opening, skipping, reminding, expiring phases; naming, starting and
// finishing lines of business. Each is repeatable and on record. When one is due is domain/flow.ts.
import type { LobState, PhaseState, Report } from '../../domain/change.ts';
import { isOpen, isSettled } from '../../domain/flow.ts';
import { testerRoles } from '../../domain/people.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { proposer } from '../../domain/version.ts';
import { closeCompensations } from './compensations.ts';
import { keyOf, nameOf, recordByWorkflow } from './flow-ledger.ts';
import { isPopulationReady } from './flow-state.ts';
import { withSamples } from './lob-samples.ts';
import { notify } from './notifications.ts';
import { addLobs, emitReport, lineOf, readReport, saveLobs } from './reports.ts';
import type { Store } from './store.ts';
import { closeVersions } from './version-status.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

export { readFlow } from './flow-state.ts';

type Place = Pick<PhaseState, 'phase' | 'lob'>;

/** Opens a phase whose turn came; its deadline begins to run. Without effect on one that is open, settled or cancelled. */
export function openPhase(
  store: Store,
  reportId: string,
  phase: PhaseSlug,
  lob: string | null,
  clock: () => string,
): Promise<void> {
  return onLine(store, reportId, { phase, lob }, clock, async (writing, report, line) => {
    if (line.state !== 'not-started') return;
    const { at } = writing;
    const due = line.dueAt === null ? deadlineFrom(report, phase, at) : {};
    const opened = await emitReport(writing, reportId, { phase, lob, state: 'in-work', openedAt: at, ...due });
    const now = lineOf(opened, line) ?? line;
    const until = now.dueAt === null ? '' : `, due ${now.dueAt}`;
    await recordByWorkflow(writing, {
      ...{ reportId, entryKey: `phase/${keyOf(line)}/opened`, kind: 'phase.opened' },
      summary: `opened ${nameOf(line)}${until}`,
      detail: { phase, lob, dueAt: now.dueAt },
    });
    // What is about to be proposed calls its people when it is there.
    if (phaseOf(phase).making === 'proposed' && (await isPopulationReady(writing.trx, reportId))) return;
    const text = `${nameOf(line)} of "${report.name}" waits for you${until}`;
    const key = `opened/${keyOf(line)}`;
    await notify(writing, { reportId, personIds: now.waitingFor, kind: 'waiting-for-you', phase, lob, key, text });
  });
}

function deadlineFrom(report: Report, phase: PhaseSlug, at: string): Partial<PhaseState> {
  const deadline = report.deadlines.find((row) => row.phase === phase);
  if (!deadline) return {};
  const dueMs = Date.parse(at) + deadline.dueAfterSeconds * 1_000;
  const remindMs = dueMs - deadline.remindBeforeSeconds * 1_000;
  return {
    dueAt: new Date(dueMs).toISOString(),
    remindAt: deadline.remindBeforeSeconds > 0 ? new Date(remindMs).toISOString() : null,
  };
}

/** Leaves a phase out, for a reason that the report discloses. Versions of it that were not decided are closed. */
export function skipPhase(
  store: Store,
  reportId: string,
  phase: PhaseSlug,
  lob: string | null,
  reason: string,
  clock: () => string,
): Promise<void> {
  return onLine(store, reportId, { phase, lob }, clock, async (writing, report, line) => {
    if (isSettled(line.state)) return;
    await closeVersions(writing, report, line);
    if (phase === 'sample-selection') {
      await saveLobs(writing, reportId, await withSamples(writing.trx, report));
    }
    await closeCompensations(writing, reportId, line, proposer, reason);
    // What kept it from going on keeps nobody any more.
    await writing.trx.updateTable('reports').set({ problem: null }).where('report_id', '=', reportId).execute();
    const over = { remindAt: null, dueAt: null, expiredAt: null };
    await emitReport(writing, reportId, { phase, lob, state: 'skipped', outcome: 'skipped', reason, ...over });
    await recordByWorkflow(writing, {
      ...{ reportId, entryKey: `phase/${keyOf(line)}/skipped`, kind: 'phase.skipped' },
      summary: `skipped ${nameOf(line)}: ${reason}`,
      detail: { phase, lob, reason, wasIn: line.state },
    });
  });
}

/** Reminds the people who hold the phase up, once per deadline. */
export function remindPhase(
  store: Store,
  reportId: string,
  phase: PhaseSlug,
  lob: string | null,
  clock: () => string,
): Promise<void> {
  return onLine(store, reportId, { phase, lob }, clock, async (writing, report, line) => {
    const { dueAt } = line;
    if (!isOpen(line.state) || line.remindedAt !== null || line.expiredAt !== null || dueAt === null) return;
    const told = await emitReport(writing, reportId, { phase, lob, remindedAt: writing.at });
    const personIds = lineOf(told, line)?.waitingFor ?? [];
    await recordByWorkflow(writing, {
      ...{ reportId, entryKey: `phase/${keyOf(line)}/reminded/${dueAt}`, kind: 'phase.reminded' },
      summary: `reminded of ${nameOf(line)}, due ${dueAt}`,
      detail: { phase, lob, dueAt, personIds },
    });
    const text = `${nameOf(line)} of "${report.name}" is due ${dueAt}`;
    const key = `reminder/${keyOf(line)}/${dueAt}`;
    await notify(writing, { reportId, personIds, kind: 'reminder', phase, lob, key, text });
  });
}

/**
 * Says that the deadline of an open phase passed: an outcome of its own, never a rejection; the phase stays where it is until a
 * test manager extends it. Without effect before `dueAt` by this clock (it may have been extended meanwhile): a caller whose own
 * clock is ahead passes that one.
 */
export function expirePhase(
  store: Store,
  reportId: string,
  phase: PhaseSlug,
  lob: string | null,
  clock: () => string,
): Promise<void> {
  return onLine(store, reportId, { phase, lob }, clock, async (writing, report, line) => {
    const { dueAt } = line;
    if (!isOpen(line.state) || line.expiredAt !== null || dueAt === null) return;
    if (Date.parse(dueAt) > Date.parse(writing.at)) return;
    await emitReport(writing, reportId, { phase, lob, expiredAt: writing.at, outcome: 'expired' });
    await recordByWorkflow(writing, {
      ...{ reportId, entryKey: `phase/${keyOf(line)}/expired/${dueAt}`, kind: 'phase.expired' },
      summary: `${nameOf(line)} expired: it was due ${dueAt}`,
      detail: { phase, lob, dueAt, state: line.state },
    });
    const managers = report.assignments.filter((row) => row.role === 'test-manager').map((row) => row.personId);
    const personIds = [...new Set([...managers, ...line.waitingFor])];
    const text = `${nameOf(line)} of "${report.name}" expired: it was due ${dueAt}. A test manager can extend it`;
    const key = `expired/${keyOf(line)}/${dueAt}`;
    await notify(writing, { reportId, personIds, kind: 'expired', phase, lob, key, text });
  });
}

/** What looking for the lines of business in the population came to. */
export type NamedLobs = { lobs: { lob: string; rows: number }[] } | { problem: string };

/** Records the lines of business for good, or what keeps them from being found until a person acts. */
export function nameLobs(store: Store, reportId: string, named: NamedLobs, clock: () => string): Promise<void> {
  return write(store, clock(), async (writing) => {
    const report = await reportNow(writing, reportId);
    if (report.ended || (await areLobsNamed(writing, reportId))) return;
    if ('problem' in named) {
      if (report.problem !== named.problem) await tellProblem(writing, report, named.problem);
      return;
    }
    const lobs = named.lobs.map(({ lob, rows }): LobState => ({
      ...{ lob, rows, status: 'waiting', reason: '', samples: null, withoutSamples: null, deviations: null },
    }));
    await addLobs(writing, report, lobs);
    await writing.trx
      .updateTable('reports')
      .set({ lobs_named: 1, problem: null })
      .where('report_id', '=', reportId)
      .execute();
    // A report that was begun before lines of business were known may have its sample already.
    const since = await reportNow(writing, reportId);
    const samples = lineOf(since, { phase: 'sample-selection', lob: null });
    if (samples && isSettled(samples.state)) {
      await saveLobs(writing, reportId, await withSamples(writing.trx, since));
    }
    await emitReport(writing, reportId);
    const names = lobs.map((row) => row.lob);
    await recordByWorkflow(writing, {
      ...{ reportId, entryKey: 'lobs/named', kind: 'lobs.named' },
      summary: `named ${names.length} ${names.length === 1 ? 'line' : 'lines'} of business: ${names.join(', ')}`,
      detail: { lobs: named.lobs.map((row) => ({ ...row })) },
    });
  });
}

/** Says what keeps the flow from going on until a person acts, or (null) that nothing does any more. */
export function setProblem(store: Store, reportId: string, problem: string | null, clock: () => string): Promise<void> {
  return write(store, clock(), async (writing) => {
    const report = await reportNow(writing, reportId);
    if (report.ended || report.problem === problem) return;
    await tellProblem(writing, report, problem);
  });
}

async function tellProblem(writing: Writing, report: Report, problem: string | null): Promise<void> {
  const { reportId } = report;
  await writing.trx.updateTable('reports').set({ problem }).where('report_id', '=', reportId).execute();
  await emitReport(writing, reportId);
  if (problem === null) return;
  const able = report.assignments.filter((row) => testerRoles.includes(row.role)).map((row) => row.personId);
  await notify(writing, {
    ...{ reportId, personIds: [...new Set(able)], kind: 'waiting-for-you', phase: null, lob: null },
    ...{ key: `problem/${writing.at}`, text: `"${report.name}" does not go on: ${problem}` },
  });
}

async function areLobsNamed({ trx }: Writing, reportId: string): Promise<boolean> {
  const row = await trx.selectFrom('reports').select('lobs_named').where('report_id', '=', reportId).executeTakeFirst();
  return row?.lobs_named === 1;
}

/** Starts a lane that waits. */
export function startLob(store: Store, reportId: string, lob: string, clock: () => string): Promise<void> {
  return moveLob(store, reportId, lob, 'waiting', 'running', clock);
}

/** Finishes a lane that runs and whose phases are all settled. */
export function finishLob(store: Store, reportId: string, lob: string, clock: () => string): Promise<void> {
  return moveLob(store, reportId, lob, 'running', 'finished', clock);
}

function moveLob(
  store: Store,
  reportId: string,
  lob: string,
  from: LobState['status'],
  to: 'running' | 'finished',
  clock: () => string,
): Promise<void> {
  return write(store, clock(), async (writing) => {
    const report = await reportNow(writing, reportId);
    const lane = report.lobs.find((row) => row.lob === lob);
    if (!lane) throw new Error(`the report ${reportId} has no line of business "${lob}"`);
    if (report.ended || lane.status !== from) return;
    const own = report.phases.filter((line) => line.lob === lob);
    if (to === 'finished' && !own.every((line) => isSettled(line.state))) return;
    const lobs = report.lobs.map((row) => (row.lob === lob ? { ...row, status: to } : row));
    await saveLobs(writing, reportId, lobs);
    await emitReport(writing, reportId);
    const done = to === 'running' ? 'started' : 'finished';
    await recordByWorkflow(writing, {
      ...{ reportId, entryKey: `lob/${encodeURIComponent(lob)}/${done}`, kind: `lob.${done}` },
      summary: `${done} the line of business ${lob}`,
      detail: { lob, samples: lane.samples, deviations: lane.deviations },
    });
  });
}

async function reportNow(writing: Writing, reportId: string): Promise<Report> {
  const report = await readReport(writing.trx, reportId);
  if (!report) throw new Error(`the store has no report ${reportId}`);
  return report;
}

/** Runs a transition of one line in a transaction. What is over changes no more. */
function onLine(
  store: Store,
  reportId: string,
  place: Place,
  clock: () => string,
  act: (writing: Writing, report: Report, line: PhaseState) => Promise<void>,
): Promise<void> {
  return write(store, clock(), async (writing) => {
    const report = await reportNow(writing, reportId);
    const line = lineOf(report, place);
    if (!line) throw new Error(`the report ${reportId} has no phase ${nameOf(place)}`);
    const lane = report.lobs.find((row) => row.lob === place.lob);
    if (report.ended || lane?.status === 'cancelled') return;
    await act(writing, report, line);
  });
}
