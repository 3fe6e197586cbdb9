// Owns what `phase.complete` does at once: whether recorded work is complete is judged, and lines of business without samples are
// named. Making the version of the records is a follow-up.
import type { AuditPhase } from '../../../domain/audit-record.ts';
import { whyNot } from '../../../domain/authority.ts';
import type { LobState, Report } from '../../../domain/change.ts';
import { whyNotComplete } from '../../../domain/completion.ts';
import type { PhaseWork } from '../../../domain/completion.ts';
import type { Reason } from '../../../domain/operation.ts';
import { phaseOf } from '../../../domain/phases.ts';
import { whyNotTurn } from '../../../domain/turn.ts';
import { nameOf } from '../flow-ledger.ts';
import { readLatestRecords } from '../records.ts';
import { emitReport, saveLobs } from '../reports.ts';
import { readSampleVersions, whyLobsOpen } from '../sample-line.ts';
import { readAttributesInScope, readSamples } from '../scope.ts';
import { whyBusy } from './busy.ts';
import { applied, countOf, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

type Body = BodyOfKind<'phase.complete'>;

export async function completePhase(subject: Case, body: Body, report: Report): Promise<Ruling> {
  const { actor, writing } = subject;
  const { reportId, phase, lob } = body;
  const reason =
    whyNot({ kind: 'complete', phase }, actor, report.assignments) ??
    whyNotTurn(report, { phase, lob }, actor) ??
    whyNotThis(body) ??
    (await whyBusy(writing.trx, { reportId, phase, lob }));
  if (reason) return refuse(reason);
  if (phase === 'sample-selection') return completeSelection(subject, body, report);
  const open = await whyOpen(subject, phase as AuditPhase, lob, report);
  if (open) return refuse(open);
  return applied({
    summary: `completed the work on ${nameOf({ phase, lob })}`,
    detail: { phase, lob, note: body.note },
    followUps: [{ kind: 'complete-phase', operationId: subject.operationId, reportId, phase, lob }],
  });
}

function whyNotThis({ phase, withoutSamples }: Body): Reason | null {
  const { versioning, name } = phaseOf(phase);
  if (phase === 'sample-selection') return null;
  if (versioning === 'full') {
    return { code: 'out-of-turn', message: `${name} is completed by the review of its version` };
  }
  return withoutSamples.length > 0
    ? { code: 'malformed', message: `lines of business without samples are named in sample selection, not in ${name}` }
    : null;
}

async function whyOpen(subject: Case, phase: AuditPhase, lob: string | null, report: Report): Promise<Reason | null> {
  const { trx } = subject.writing;
  const records = await readLatestRecords(trx, report.reportId, phase, lob);
  return whyNotComplete(await workOf(subject, phase, lob, report, records));
}

async function workOf(
  { writing: { trx } }: Case,
  phase: AuditPhase,
  lob: string | null,
  report: Report,
  records: Awaited<ReturnType<typeof readLatestRecords>>,
): Promise<PhaseWork> {
  if (phase === 'request-info') return { phase, records };
  const attributes = await readAttributesInScope(trx, report.reportId);
  if (phase === 'test-execution') {
    const samples = [...(await readSamples(trx, report, lob ?? '')).keys()];
    return { phase, samples, attributes, records };
  }
  const lobs = report.lobs.filter((row) => row.status !== 'cancelled').map((row) => row.lob);
  return { phase, lobs, attributes, records };
}

/** Names the lines of business that get no sample; when every other one has an approved version, that completes the phase. */
async function completeSelection(subject: Case, body: Body, report: Report): Promise<Ruling> {
  const { writing, operationId } = subject;
  const { reportId, phase, withoutSamples } = body;
  const versions = await readSampleVersions(writing.trx, reportId);
  const taken = versions.filter((row) => row.status === 'pending' || row.status === 'approved').map((row) => row.lob);
  const fault = whyNotWithout(report, taken, withoutSamples);
  if (fault) return refuse(fault);
  const named = new Map(withoutSamples.map((row) => [row.lob, row.reason]));
  const lobs = report.lobs.map((row): LobState => ({
    ...row,
    withoutSamples: named.get(row.lob) ?? row.withoutSamples,
  }));
  const open = whyLobsOpen({ lobs }, versions);
  if (open && named.size === 0) return refuse(open);
  await saveLobs(writing, reportId, lobs);
  await emitReport(writing, reportId);
  const said = [...named].map(([lob, reason]) => `${lob} (${reason})`).join(', ');
  const summary = said === '' ? 'completed sample selection' : `named lines of business without samples: ${said}`;
  const detail = {
    phase,
    withoutSamples: withoutSamples.map((row) => ({ ...row })),
    note: body.note,
  };
  return applied({
    summary,
    detail,
    followUps: open
      ? [{ kind: 'wake', reportId, lob: null }]
      : [{ kind: 'complete-phase', operationId, reportId, phase, lob: null }],
  });
}

function whyNotWithout(
  report: Report,
  taken: readonly string[],
  withoutSamples: Body['withoutSamples'],
): Reason | null {
  if (taken.includes('')) {
    return { code: 'out-of-turn', message: 'the sample was drawn over the whole: its approval completes the phase' };
  }
  if (report.lobs.length === 0) {
    return { code: 'out-of-turn', message: 'the lines of business are not known yet' };
  }
  if (new Set(withoutSamples.map((row) => row.lob)).size < withoutSamples.length) {
    return { code: 'malformed', message: 'a line of business is named twice' };
  }
  for (const { lob } of withoutSamples) {
    if (!report.lobs.some((row) => row.lob === lob)) {
      return { code: 'not-found', message: `this report has no line of business "${lob}"` };
    }
    if (taken.includes(lob)) {
      return { code: 'out-of-turn', message: `the line of business ${lob} has a sample already` };
    }
  }
  const known = new Map(withoutSamples.map((row) => [row.lob, row.reason]));
  const active = report.lobs.filter((row) => row.status !== 'cancelled');
  return active.every((row) => (known.get(row.lob) ?? row.withoutSamples) !== null)
    ? {
        code: 'incomplete',
        message: `none of the ${countOf(active.length, 'line')} of business would have a sample: a test manager can skip the phase instead`,
      }
    : null;
}
