// Owns what a report wants of this person now, phase by phase, as sentences. Who may act is asked of access.ts; each phase is asked
// alike, by how its versions are made. Reads only.
import type { PhaseState, Report } from '../../../domain/change.ts';
import { isOpen } from '../../../domain/flow.ts';
import { phaseOf, placeName } from '../../../domain/phases.ts';
import { whyClosed } from '../../../domain/review.ts';
import type { Version } from '../../../domain/version.ts';
import type { HomeRow } from '../../../preload/contract.ts';
import { whyNotEdit, whyNotHere, whyNotReview, whyNotRevise, whyNotSign } from './access.ts';
import { waitingCompensations } from './compensations.ts';
import type { Desk } from './desk.ts';
import { preparationNeeds } from './home-preparation.ts';
import { recordNeeds } from './home-records.ts';
import { counted } from './operation-text.ts';
import { shownCounts } from './overlay.ts';
import { versionsAt } from './phase-detail.ts';
import { answerCounts } from './revisions.ts';

/** One thing that waits. `line` is null for what is about the whole report. */
export interface Need {
  line: PhaseState | null;
  version: Version | null;
  needs: string;
  action: HomeRow['action'];
  items: number;
}

/** Everything that a report wants of this person now. */
export function needsIn(desk: Desk, report: Report): Need[] {
  if (report.ended !== null) return [];
  // What failed is settled in a paused report too.
  if (report.paused !== null) return failureNeeds(desk, report);
  const still = new Set(
    report.lobs.filter(({ status }) => status === 'paused' || status === 'cancelled').map(({ lob }) => lob),
  );
  const open = report.phases.filter((line) => isOpen(line.state) && (line.lob === null || !still.has(line.lob)));
  return [
    ...problemNeeds(desk, report),
    ...failureNeeds(desk, report),
    ...preparationNeeds(desk, report, open),
    ...open.flatMap((line) => needsOfLine(desk, report, line)),
  ];
}

/** What keeps the flow from going on is for those who can change it. */
function problemNeeds(desk: Desk, report: Report): Need[] {
  const { problem, reportId } = report;
  if (problem === null || whyNotHere(desk, { kind: 'set-lobs' }, reportId) !== null) return [];
  return [{ line: null, version: null, needs: problem, action: 'open', items: 0 }];
}

/** Steps that failed for good are for those who can settle them, a row for each phase. */
function failureNeeds(desk: Desk, report: Report): Need[] {
  if (whyNotHere(desk, { kind: 'settle-compensation' }, report.reportId) !== null) return [];
  return waitingCompensations(desk, report).flatMap(({ place, steps }) => {
    const line = report.phases.find((row) => row.phase === place.phase && row.lob === place.lob);
    if (!line) return [];
    const what = steps === 1 ? 'a step' : `${steps} steps`;
    return [
      { line, version: null, needs: `${what} of ${placeName(place)} failed for good`, action: 'settle', items: 0 },
    ];
  });
}

function needsOfLine(desk: Desk, report: Report, line: PhaseState): Need[] {
  if (line.expiredAt !== null) return expiredNeeds(desk, report, line);
  if (phaseOf(line.phase).making === 'recorded') return recordNeeds(desk, report, line);
  return latestOf(versionsAt(desk, report.reportId, line)).flatMap((version) => {
    const need = versionNeeds(desk, version);
    return need ? [{ line, version, ...need }] : [];
  });
}

/** A passed deadline stops everybody but the test managers, who can move it. */
function expiredNeeds(desk: Desk, report: Report, line: PhaseState): Need[] {
  if (whyNotHere(desk, { kind: 'set-deadline' }, report.reportId) !== null) return [];
  const needs = `the deadline of ${placeName(line)} passed: extend it, or skip the phase`;
  return [{ line, version: null, needs, action: 'phase', items: 0 }];
}

/** The newest version of each line of business. */
function latestOf(versions: readonly Version[]): Version[] {
  const latest = new Map<string | null, Version>();
  for (const version of versions) {
    if ((latest.get(version.lob)?.number ?? 0) < version.number) latest.set(version.lob, version);
  }
  return [...latest.values()];
}

type VersionNeed = Pick<Need, 'needs' | 'action' | 'items'>;

function versionNeeds(desk: Desk, version: Version): VersionNeed | null {
  return (
    signatureNeeds(desk, version) ??
    reviewNeeds(desk, version) ??
    revisionNeeds(desk, version) ??
    handInNeeds(desk, version)
  );
}

function signatureNeeds(desk: Desk, version: Version): VersionNeed | null {
  if (whyNotSign(desk, version) !== null) return null;
  return { needs: 'sign the report', action: 'phase', items: version.itemCount };
}

function reviewNeeds(desk: Desk, version: Version): VersionNeed | null {
  if (whyClosed(version) !== null || whyNotReview(desk, version) !== null) return null;
  const { pending, rejected, disputed, total } = shownCounts(desk, version);
  // Where signatures approve, sections wait for them; only what was rejected waits for a review.
  if (phaseOf(version.phase).approval === 'sign-off' && rejected - disputed === 0) return null;
  const needs =
    pending === 0 ? 'review to submit' : `${pending.toLocaleString('en')} to decide of ${total.toLocaleString('en')}`;
  return { needs, action: 'review', items: version.itemCount };
}

function revisionNeeds(desk: Desk, version: Version): VersionNeed | null {
  if (whyNotRevise(desk, version) !== null) return null;
  const items = version.counts.rejected - version.counts.disputed;
  const open = items - answerCounts(desk, version.versionId).answered;
  const needs = open === 0 ? 'revision to submit' : `${counted(open, 'rejection')} to answer`;
  return { needs, action: 'revise', items };
}

function handInNeeds(desk: Desk, version: Version): VersionNeed | null {
  const { status, number, itemCount: items } = version;
  const edits = desk.outbox.tables.edits.countDrafts(version.versionId);
  const isMine = status === 'draft' || status === 'rejected' || edits > 0;
  if (!isMine || whyNotEdit(desk, version) !== null) return null;
  if (status === 'rejected') {
    return { needs: `version ${number} was rejected: change it and hand it in again`, action: 'phase', items };
  }
  const { itemName, itemsName } = phaseOf(version.phase);
  const things = `${items.toLocaleString('en')} ${items === 1 ? itemName : itemsName}`;
  const changed = edits === 0 ? '' : `, ${edits.toLocaleString('en')} changed`;
  const needs =
    status === 'draft' ? `${things} to confirm and hand in${changed}` : `${counted(edits, 'edit')} to hand in`;
  return { needs, action: 'phase', items };
}
