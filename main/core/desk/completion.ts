// Owns whether the work of a phase is complete as this laptop shows it: what is on its way counts, because it arrives before whatever is queued
// after it. What completeness means is domain/completion.ts. Reads only.
import type { Report } from '../../../domain/change.ts';
import { whyNotComplete } from '../../../domain/completion.ts';
import type { PhaseWork } from '../../../domain/completion.ts';
import { assignmentKey } from '../../../domain/audit-record.ts';
import type { Reason } from '../../../domain/operation.ts';
import { phaseOf } from '../../../domain/phases.ts';
import type { Place } from './access.ts';
import type { Desk } from './desk.ts';
import { documentRows } from './documents.ts';
import { ownerRows } from './owners.ts';
import { attributesOf, laneScope } from './scope.ts';
import { resultsAt, testPlace } from './tests.ts';

const notHere: Reason = {
  code: 'incomplete',
  message: 'what is in scope is not on this laptop yet, so nothing can be said: sync first',
};

/** Why a phase whose work is recorded cannot be completed now, or null when it can. Who may do it is not asked. */
export function whyNotCompleted(desk: Desk, report: Report, { phase, lob }: Place): Reason | null {
  switch (phase) {
    case 'data-owner-id':
      return whyFrom(ownersWork(desk, report));
    case 'request-info':
      return whyNotComplete(documentsWork(desk, report.reportId, lob ?? ''));
    case 'test-execution':
      return whyFrom(testsWork(desk, report, lob ?? ''));
    case 'sample-selection':
      return whyNotSelected(desk, report);
    default:
      return { code: 'out-of-turn', message: `${phaseOf(phase).name} is completed by the review of its version` };
  }
}

function whyFrom(work: PhaseWork | null): Reason | null {
  return work ? whyNotComplete(work) : notHere;
}

function ownersWork(desk: Desk, report: Report): PhaseWork | null {
  const attributes = attributesOf(desk, report);
  if (!attributes) return null;
  const lobs = report.lobs.filter(({ status }) => status !== 'cancelled').map(({ lob }) => lob);
  const assigned = ownerRows(desk, report).filter((row) => row.dataOwnerId !== null);
  const records = assigned.map((row) => ({ recordKey: assignmentKey(row.lob, row.attribute), body: {} }));
  return { phase: 'data-owner-id', lobs, attributes, records };
}

function documentsWork(desk: Desk, reportId: string, lob: string): PhaseWork {
  const rows = documentRows(desk, { reportId, lob }).filter(
    // What was refused and is only here is no document of the server's.
    (row) => row.revision > 0 || row.delivery === 'queued' || row.delivery === 'sent' || row.delivery === 'applied',
  );
  const records = rows.map(({ documentId, title, state }) => ({ recordKey: documentId, body: { title, state } }));
  return { phase: 'request-info', records };
}

function testsWork(desk: Desk, report: Report, lob: string): PhaseWork | null {
  const scope = laneScope(desk, report, lob);
  if (!scope) return null;
  const resultOf = resultsAt(desk, testPlace(report.reportId, lob));
  const done = scope.tests.filter(({ recordKey }) => resultOf(recordKey) !== null);
  const records = done.map(({ recordKey }) => ({ recordKey, body: {} }));
  return { phase: 'test-execution', samples: [...scope.samples.keys()], attributes: scope.attributes, records };
}

/** Lines of business without any sample are no hindrance: completing names them, each with a reason. */
function whyNotSelected(desk: Desk, report: Report): Reason | null {
  const versions = desk.cache.versions(report.reportId).filter(({ phase }) => phase === 'sample-selection');
  const statusOf = new Map(versions.toReversed().map(({ lob, status }) => [lob, status]));
  if (statusOf.has(null)) {
    return { code: 'out-of-turn', message: 'the sample was drawn over the whole: its approval completes the phase' };
  }
  if (report.lobs.length === 0) {
    return { code: 'out-of-turn', message: 'the lines of business are not known yet' };
  }
  const lobs = report.lobs
    .filter(({ status }) => status !== 'cancelled')
    .map(({ lob, withoutSamples }) => {
      const status = statusOf.get(lob);
      const without = status === undefined ? (withoutSamples ?? 'to be named') : withoutSamples;
      return { lob, approved: status === 'approved', withoutSamples: without };
    });
  return whyNotComplete({ phase: 'sample-selection', lobs });
}
