// Owns what changes the course of a report: where its lines of business come from, which phases are left out, until when a phase is
// due. What stands against each is domain/control.ts.
import { whyNot } from '../../../domain/authority.ts';
import type { PhaseState, Report } from '../../../domain/change.ts';
import { linesAt, whyNotDeadline, whyNotLobSource, whyNotSkip } from '../../../domain/control.ts';
import { isSettled } from '../../../domain/flow.ts';
import type { PhaseOutcome } from '../../../domain/flow.ts';
import type { LobSource } from '../../../domain/operation.ts';
import { maxRevisions, placeName } from '../../../domain/phases.ts';
import { whyNotGoing } from '../../../domain/turn.ts';
import { emitReport, lineOf } from '../reports.ts';
import type { PhaseMove } from '../reports.ts';
import { readReadyPopulation } from '../scope.ts';
import { readVersionRow } from '../version-rows.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';
import { wakes } from './wake.ts';

/** Chooses where the lines of business come from, as often as wanted until they are recorded. */
export async function setLobs(subject: Case, body: BodyOfKind<'lobs.set'>, report: Report): Promise<Ruling> {
  const { trx } = subject.writing;
  const { reportId, source } = body;
  const reason = whyNot({ kind: 'set-lobs' }, subject.actor, report.assignments) ?? whyNotGoing(report);
  if (reason) return refuse(reason);
  if (report.lobs.length > 0) {
    const message = 'the lines of business are recorded: a test manager can add one, or cancel one';
    return refuse({ code: 'out-of-turn', message });
  }
  const population = await readReadyPopulation(trx, reportId);
  if (!population) {
    const message = 'the population is not ready: import it and wait until it was read';
    return refuse({ code: 'population-not-ready', message });
  }
  const unfit = whyNotLobSource(source, population.columns);
  if (unfit) return refuse(unfit);
  const scoping = lineOf(report, { phase: 'scoping', lob: null });
  // Once scoping is settled, what keeps the report can only be their naming: it is tried anew.
  const solved = scoping && isSettled(scoping.state) ? { problem: null } : {};
  await trx
    .updateTable('reports')
    .set({ lob_source_text: JSON.stringify(source), ...solved })
    .where('report_id', '=', reportId)
    .execute();
  await emitReport(subject.writing, reportId);
  return applied({
    summary: `chose the lines of business: ${lobWords(source)}`,
    detail: { source: { ...source } },
    followUps: [{ kind: 'wake', reportId, lob: null }],
  });
}

/** "the values of REGION", "North, South of REGION". */
export function lobWords(source: LobSource): string {
  if (source.kind === 'none') return 'none, the report is tested as a whole';
  return source.kind === 'column' ? `the values of ${source.column}` : `${source.names.join(', ')} of ${source.column}`;
}

/** Puts down that a phase is to be left out; the flow carries it out when its turn comes, or at once where it is open. */
export async function skipPhaseRule(subject: Case, body: BodyOfKind<'phase.skip'>, report: Report): Promise<Ruling> {
  const { reportId, phase, lob, reason } = body;
  const fault = whyNot({ kind: 'skip' }, subject.actor, report.assignments) ?? whyNotSkip(report, { phase, lob });
  if (fault) return refuse(fault);
  const skips: Report['skips'] = [...report.skips, { phase, lob, reason, by: subject.actor.personId }];
  await subject.writing.trx
    .updateTable('reports')
    .set({ skips_text: JSON.stringify(skips) })
    .where('report_id', '=', reportId)
    .execute();
  await emitReport(subject.writing, reportId);
  return applied({
    summary: `asked for ${placeName({ phase, lob })} to be skipped: ${reason}`,
    detail: { phase, lob, reason },
    followUps: wakes(
      report,
      linesAt(report, { phase, lob }).map((line) => line.lob),
    ),
  });
}

/** Sets, moves or takes away deadlines; a phase whose deadline was over can be worked on again. */
export async function setDeadline(subject: Case, body: BodyOfKind<'deadline.set'>, report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, phase, lob, dueAt, remindBeforeSeconds, reason } = body;
  const fault =
    whyNot({ kind: 'set-deadline' }, actor, report.assignments) ??
    whyNotDeadline(report, { phase, lob }, dueAt, writing.at);
  if (fault) return refuse(fault);
  const lines = linesAt(report, { phase, lob });
  const begins = lines.some((line) => line.state === 'not-started');
  if (dueAt === null && begins) {
    // What the cycle was started with would set it again at the opening.
    const kept = report.deadlines.filter((row) => row.phase !== phase);
    if (kept.length < report.deadlines.length && lob !== null) {
      const message = `${placeName({ phase, lob })} has not begun, and its deadline is that of all lines of business: take it away for all of them, or when it has begun`;
      return refuse({ code: 'out-of-turn', message });
    }
    await writing.trx
      .updateTable('reports')
      .set({ deadlines_text: JSON.stringify(kept) })
      .where('report_id', '=', reportId)
      .execute();
  }
  const remindAt =
    dueAt === null || remindBeforeSeconds === 0
      ? null
      : new Date(Date.parse(dueAt) - remindBeforeSeconds * 1_000).toISOString();
  const moves: PhaseMove[] = [];
  for (const line of lines) {
    const times = { dueAt, remindAt, remindedAt: null, expiredAt: null };
    moves.push({ phase, lob: line.lob, ...times, outcome: await outcomeWithout(subject, line) });
  }
  await emitReport(writing, reportId, moves);
  const what = dueAt === null ? 'took the deadline away from' : `set the deadline ${dueAt} for`;
  return applied({
    summary: `${what} ${placeName({ phase, lob })}: ${reason}`,
    detail: { phase, lob, dueAt, remindAt, before: lines.map((line) => line.dueAt), reason },
    followUps: wakes(
      report,
      lines.map((line) => line.lob),
    ),
  });
}

/** How a line stands that has not expired any more: a rejection that the passed deadline had covered shows again. */
async function outcomeWithout({ writing }: Case, line: PhaseState): Promise<PhaseOutcome | null> {
  if (line.outcome !== 'expired') return line.outcome;
  if (line.state !== 'rejected') return null;
  const version = line.versionId === null ? undefined : await readVersionRow(writing.trx, line.versionId);
  if ((version?.revision ?? 0) >= maxRevisions) return 'MaxRevisionsExceeded';
  return line.phase === 'sample-selection' ? 'SampleSelectionRejected' : 'VersionRejected';
}
