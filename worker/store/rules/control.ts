// Owns what steers reports and lines of business from outside their phases: pause, resume, cancel, add. Test managers only.
// What stands against an act is domain/control.ts; the workflow reads what became of it.
import { whyNot } from '../../../domain/authority.ts';
import type { LobState, PhaseState, Report } from '../../../domain/change.ts';
import { afterPause, whyNotControl, whyNotControlLob } from '../../../domain/control.ts';
import { isSettled } from '../../../domain/flow.ts';
import { operationBodySchema } from '../../../domain/operation.ts';
import type { ControlAct } from '../../../domain/operation.ts';
import { selectWithout } from '../complete-records.ts';
import { withSamples } from '../lob-samples.ts';
import { notify } from '../notifications.ts';
import { addLobs, emitReport, lineOf, readReport, saveLobs } from '../reports.ts';
import type { PhaseMove } from '../reports.ts';
import { readReadyPopulation } from '../scope.ts';
import { closeVersions } from '../version-status.ts';
import type { Writing } from '../writing.ts';
import { applied, countOf, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';
import { wakes } from './wake.ts';

const done: Readonly<Record<ControlAct, string>> = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' };

/** Acts on every report of the cycle that the act can still reach; a cycle has no assignments, so the person's own roles count. */
export async function controlCycle(subject: Case, body: BodyOfKind<'cycle.control'>): Promise<Ruling> {
  const { actor, writing } = subject;
  const { cycleId, act, reason } = body;
  const own = actor.roles.map((role) => ({ personId: actor.personId, role }));
  const fault = whyNot({ kind: 'control' }, actor, own);
  if (fault) return refuse(fault);
  const reports = await reportsOfCycle(writing, cycleId);
  if (reports.length === 0) return refuse({ code: 'not-found', message: `no cycle ${cycleId} exists` });
  const reached = reports.filter((report) => whyNotControl(report, act) === null);
  if (reached.length === 0) {
    const each = reports.map((report) => `"${report.name}": ${whyNotControl(report, act)?.message}`);
    return refuse({ code: 'out-of-turn', message: `no report of this cycle can be ${done[act]}: ${each.join('; ')}` });
  }
  for (const report of reached) {
    await steer(subject, report, act, reason);
    await enter(subject, report, `${done[act]} this report with its cycle: ${reason}`, { cycleId, act, reason });
  }
  const reportIds = reached.map((report) => report.reportId);
  return applied({
    summary: `${done[act]} ${countOf(reached.length, 'report')} of the cycle: ${reason}`,
    detail: { cycleId, act, reason, reportIds },
    followUps: [{ kind: 'wake-reports', reportIds }],
  });
}

async function reportsOfCycle({ trx }: Writing, cycleId: string): Promise<Report[]> {
  const rows = await trx
    .selectFrom('reports')
    .select('report_id')
    .where('cycle_id', '=', cycleId)
    .orderBy('position')
    .execute();
  const reports = await Promise.all(rows.map((row) => readReport(trx, row.report_id)));
  return reports.filter((report) => report !== null);
}

/** An operation on a cycle has no ledger of its own: it is entered into that of each report it reached. */
function enter(subject: Case, { reportId }: Report, summary: string, detail: Record<string, string>): Promise<void> {
  const { writing, actor, operationId, deviceId, decidedAt, receivedAt } = subject;
  return writing.record({
    ...{ reportId, entryKey: operationId, kind: 'cycle.control', actorId: actor.personId, deviceId, operationId },
    ...{ versionId: null, summary, detail, decidedAt, receivedAt },
  });
}

export async function controlReport(
  subject: Case,
  body: BodyOfKind<'report.control'>,
  report: Report,
): Promise<Ruling> {
  const { reportId, act, reason } = body;
  const fault = whyNot({ kind: 'control' }, subject.actor, report.assignments) ?? whyNotControl(report, act);
  if (fault) return refuse(fault);
  await steer(subject, report, act, reason);
  return applied({
    summary: `${done[act]} this report: ${reason}`,
    detail: { act, reason },
    followUps: [{ kind: 'wake', reportId, lob: null }],
  });
}

async function steer(subject: Case, report: Report, act: ControlAct, reason: string): Promise<void> {
  const { writing } = subject;
  const { reportId } = report;
  if (act === 'pause') {
    await setReport(writing, reportId, { paused_at: writing.at, pause_reason: reason });
    await emitReport(writing, reportId);
    return;
  }
  const goesOn = { paused_at: null, pause_reason: null };
  if (act === 'resume') return resumeReport(writing, report, goesOn);
  await setReport(writing, reportId, { ...goesOn, ended_at: writing.at, end_reason: reason });
  await emitReport(writing, reportId);
  await tellAll(subject, report, null, `"${report.name}" was cancelled: ${reason}`);
}

async function resumeReport(
  writing: Writing,
  report: Report,
  goesOn: { paused_at: null; pause_reason: null },
): Promise<void> {
  const { reportId, paused } = report;
  if (!paused) return;
  // What also is paused by itself stands on, since whichever pause began first; it moves when it is resumed.
  const lobs = report.lobs.map((lane) =>
    lane.status === 'paused' ? { ...lane, pausedAt: earlier(lane.pausedAt ?? paused.at, paused.at) } : lane,
  );
  const still = new Set(
    lobs.filter((lane) => lane.status !== 'running' && lane.status !== 'waiting').map((row) => row.lob),
  );
  const lines = report.phases.filter((line) => line.lob === null || !still.has(line.lob));
  const moves = await movesAfter(writing, reportId, lines, { from: paused.at, to: writing.at });
  await saveLobs(writing, reportId, lobs);
  await setReport(writing, reportId, goesOn);
  await emitReport(writing, reportId, moves);
}

function earlier(one: string, other: string): string {
  return Date.parse(one) <= Date.parse(other) ? one : other;
}

/** Deadlines move by the pause: a phase has as long after it as it had before. */
async function movesAfter(
  writing: Writing,
  reportId: string,
  lines: readonly PhaseState[],
  pause: { from: string; to: string },
): Promise<PhaseMove[]> {
  const setAt = await deadlinesSetSince(writing, reportId, pause.from);
  return lines.flatMap((line) => {
    const since = [setAt.get(`${line.phase}/${line.lob ?? ''}`), setAt.get(`${line.phase}/`)];
    const latest =
      since
        .flatMap((at) => at ?? [])
        .sort((a, b) => Date.parse(a) - Date.parse(b))
        .at(-1) ?? null;
    return afterPause(line, { ...pause, setAt: latest }) ?? [];
  });
}

/** When deadlines were set during a pause, by phase and LOB ('' for none): those are moved only by what was left of it. */
async function deadlinesSetSince({ trx }: Writing, reportId: string, from: string): Promise<Map<string, string>> {
  const rows = await trx
    .selectFrom('operations')
    .select(['body_text', 'applied_at'])
    .where('report_id', '=', reportId)
    .where('kind', '=', 'deadline.set')
    .where('state', '=', 'applied')
    .where('applied_at', '>=', from)
    .orderBy('applied_at')
    .execute();
  return new Map(
    rows.flatMap((row): [string, string][] => {
      const body = operationBodySchema.parse((JSON.parse(row.body_text) as { body: unknown }).body);
      return body.kind === 'deadline.set' ? [[`${body.phase}/${body.lob ?? ''}`, row.applied_at]] : [];
    }),
  );
}

type Columns = Partial<Record<'paused_at' | 'pause_reason' | 'ended_at' | 'end_reason', string | null>>;

async function setReport({ trx }: Writing, reportId: string, columns: Columns): Promise<void> {
  await trx.updateTable('reports').set(columns).where('report_id', '=', reportId).execute();
}

/** Tells everybody who belongs to the report, but the one who did it. */
async function tellAll(subject: Case, report: Report, lob: string | null, text: string): Promise<void> {
  const { writing, actor, operationId } = subject;
  const personIds = report.assignments.map((row) => row.personId).filter((id) => id !== actor.personId);
  const news = { reportId: report.reportId, personIds: [...new Set(personIds)], kind: 'ended' as const };
  await notify(writing, { ...news, phase: null, lob, key: `ended/${operationId}`, text });
}

export async function controlLob(subject: Case, body: BodyOfKind<'lob.control'>, report: Report): Promise<Ruling> {
  const { writing } = subject;
  const { lob, act, reason } = body;
  const fault = whyNot({ kind: 'control' }, subject.actor, report.assignments) ?? whyNotControlLob(report, lob, act);
  if (fault) return refuse(fault);
  if (act === 'add') await addLob(writing, report, lob, reason);
  else if (act === 'pause') await changeLob(writing, report, lob, { status: 'paused', reason, pausedAt: writing.at });
  else if (act === 'resume') await resumeLob(writing, report, lob);
  else {
    await changeLob(writing, report, lob, { status: 'cancelled', reason });
    for (const line of report.phases.filter((row) => row.lob === lob)) await closeVersions(writing, report, line);
    await closeVersions(writing, report, { phase: 'sample-selection', lob });
    const lobs = report.lobs.map((row): LobState => (row.lob === lob ? { ...row, status: 'cancelled' } : row));
    await selectWithout(writing, { ...report, lobs });
    await tellAll(subject, report, lob, `${lob} of "${report.name}" was cancelled: ${reason}`);
  }
  return applied({
    summary: `${act === 'add' ? 'added' : done[act]} the line of business ${lob}: ${reason}`,
    detail: { lob, act, reason },
    followUps: wakes(report, [lob]),
  });
}

/** Samples that it already has by its value in the population count; without any it skips testing by the flow. */
async function addLob(writing: Writing, report: Report, lob: string, reason: string): Promise<void> {
  const { reportId } = report;
  const rows = await rowsOf(writing, report, lob);
  const lane: LobState = {
    lob,
    status: 'waiting',
    reason,
    rows,
    samples: null,
    withoutSamples: null,
    deviations: null,
  };
  await addLobs(writing, report, [lane]);
  const selection = lineOf(report, { phase: 'sample-selection', lob: null });
  if (selection && isSettled(selection.state)) {
    const counted = await withSamples(writing.trx, { ...report, lobs: [...report.lobs, lane] });
    await saveLobs(writing, reportId, [...report.lobs, ...counted.filter((row) => row.lob === lob)]);
  }
  await emitReport(writing, reportId);
}

/** As far as the profile lists its value; 0 where it does not. */
async function rowsOf({ trx }: Writing, { reportId, lobSource }: Report, lob: string): Promise<number> {
  const population = await readReadyPopulation(trx, reportId);
  const name = lobSource === null || lobSource.kind === 'none' ? null : lobSource.column;
  const column = population?.columns.find((row) => row.name === name);
  return column?.frequent.filter((row) => row.value.trim() === lob).reduce((sum, row) => sum + row.count, 0) ?? 0;
}

async function resumeLob(writing: Writing, report: Report, lob: string): Promise<void> {
  const own = report.phases.filter((line) => line.lob === lob);
  const begun = own.some((line) => line.openedAt !== null || line.state === 'skipped');
  const { pausedAt: from = writing.at } = report.lobs.find((row) => row.lob === lob) ?? {};
  // While the report is paused too, its own resuming moves the deadlines from there on.
  const to = report.paused === null ? writing.at : earlier(report.paused.at, writing.at);
  const moves = await movesAfter(writing, report.reportId, own, { from, to });
  await changeLob(writing, report, lob, { status: begun ? 'running' : 'waiting', reason: '' }, moves);
}

async function changeLob(
  writing: Writing,
  report: Report,
  lob: string,
  change: Pick<LobState, 'status' | 'reason' | 'pausedAt'>,
  moves: readonly PhaseMove[] = [],
): Promise<void> {
  const lobs = report.lobs.map((lane) => {
    if (lane.lob !== lob) return lane;
    const { pausedAt: _before, ...rest } = lane;
    return { ...rest, ...change };
  });
  await saveLobs(writing, report.reportId, lobs);
  await emitReport(writing, report.reportId, moves);
}
