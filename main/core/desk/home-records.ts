// Owns what phases whose work is recorded want of this person: owners to assign, documents to hand in or to decide on, tests to do, a phase to
// complete. Reads only.
import type { PhaseState, Report } from '../../../domain/change.ts';
import type { HomeRow } from '../../../preload/contract.ts';
import { isAssigned, whyNotAt } from './access.ts';
import type { Desk } from './desk.ts';
import { documentRows } from './documents.ts';
import type { Need } from './home-needs.ts';
import { counted } from './operation-text.ts';
import { ownerRows } from './owners.ts';
import { whyNotComplete, whyNotRecord } from './phase-detail.ts';
import { attributesOf } from './scope.ts';
import { countTests } from './tests.ts';

/** What an open phase of recorded work wants of this person; empty when it wants nothing, or that is not known here yet. */
export function recordNeeds(desk: Desk, report: Report, line: PhaseState): Need[] {
  const need = workNeeds(desk, report, line) ?? completionNeeds(desk, report, line);
  return need ? [{ line, version: null, action: 'phase', ...need }] : [];
}

type Work = Pick<Need, 'needs' | 'items'> & { action?: HomeRow['action'] };

function workNeeds(desk: Desk, report: Report, line: PhaseState): Work | null {
  if (whyNotRecord(desk, report, line) !== null) return null;
  switch (line.phase) {
    case 'data-owner-id':
      return ownerNeeds(desk, report);
    case 'request-info':
      return documentNeeds(desk, report, line);
    case 'test-execution':
      return testNeeds(desk, report, line.lob ?? '');
    default:
      return null;
  }
}

const share = (open: number, all: number): string => `${open.toLocaleString('en')} of ${all.toLocaleString('en')}`;

function ownerNeeds(desk: Desk, report: Report): Work | null {
  if (attributesOf(desk, report) === null) return null;
  const rows = ownerRows(desk, report);
  const open = rows.filter((row) => row.dataOwnerId === null).length;
  return open === 0 ? null : { needs: `${share(open, rows.length)} attributes without a data owner`, items: open };
}

function documentNeeds(desk: Desk, report: Report, line: PhaseState): Work | null {
  const lob = line.lob ?? '';
  const rows = documentRows(desk, { reportId: report.reportId, lob });
  const isOwner = isAssigned(desk, report, 'data-owner');
  const mayDecide = whyNotAt(desk, { kind: 'review-document' }, report, line) === null;
  const waiting = rows.filter(
    (row) => row.state === 'submitted' && row.revision > 0 && row.submittedBy !== desk.personId,
  ).length;
  if (mayDecide && waiting > 0) return { needs: `${counted(waiting, 'document')} to accept or reject`, items: waiting };
  const hasOwner = report.assignments.some(({ role }) => role === 'data-owner');
  // Testers hand documents in where nobody else does.
  if (!isOwner && hasOwner) return null;
  const rejected = rows.filter((row) => row.state === 'rejected').length;
  if (rejected > 0) return { needs: `${counted(rejected, 'document')} to hand in again`, items: rejected };
  return rows.length === 0 ? { needs: 'documents to hand in', items: 0 } : null;
}

function testNeeds(desk: Desk, report: Report, lob: string): Work | null {
  const tests = countTests(desk, report, lob);
  if (!tests || tests.open === 0) return null;
  return { needs: `${share(tests.open, tests.total)} test actions open`, items: tests.open };
}

const doneWords: Partial<Record<PhaseState['phase'], string>> = {
  'data-owner-id': 'every attribute has a data owner: complete the phase',
  'request-info': 'the documents are accepted: complete the phase',
  'test-execution': 'everything is tested: complete the phase',
};

function completionNeeds(desk: Desk, report: Report, line: PhaseState): Work | null {
  const needs = doneWords[line.phase];
  return needs !== undefined && whyNotComplete(desk, report, line) === null ? { needs, items: 0 } : null;
}
