// Owns whether anything lands on a version now: it is closed, it is not its phase's turn, or a newer one is being made or settled on
// its line. Knows no rule.
import type { Kysely } from 'kysely';
import type { Report } from '../../../domain/change.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { Person } from '../../../domain/people.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import { phaseOf } from '../../../domain/phases.ts';
import { whyClosed } from '../../../domain/review.ts';
import { whyNotTurn } from '../../../domain/turn.ts';
import { nameOf } from '../flow-ledger.ts';
import { lineOf } from '../reports.ts';
import { readPlan } from '../sample-rows.ts';
import type { Schema } from '../schema.ts';
import { readVersionRow } from '../version-rows.ts';
import type { FollowUp } from './rule.ts';

/** The line of a version: samples of one line of business are a line of their own. */
export interface VersionLine {
  reportId: string;
  phase: PhaseSlug;
  lob: string | null;
}

/** Why nothing that makes or settles a version can begin on a line now: something is being made there. Null when it can. */
export async function whyBusy(db: Kysely<Schema>, line: VersionLine): Promise<Reason | null> {
  const rows = await db
    .selectFrom('operations')
    .select(['follow_ups_text', 'held_by'])
    .where('report_id', '=', line.reportId)
    .where('state', '=', 'applied')
    .where('follow_up_done_at', 'is', null)
    .execute();
  for (const { follow_ups_text: followUps, held_by: heldBy } of rows) {
    for (const followUp of JSON.parse(followUps) as FollowUp[]) {
      const of = await lineMade(db, followUp);
      if (of?.phase !== line.phase || of.lob !== line.lob) continue;
      const message =
        heldBy === null
          ? `a version of ${nameOf(line)} is being made or settled: wait until it is there`
          : `making or settling a version of ${nameOf(line)} failed for good: a test manager has to settle that first`;
      return { code: 'out-of-turn', message };
    }
  }
  return null;
}

async function lineMade(db: Kysely<Schema>, followUp: FollowUp): Promise<Omit<VersionLine, 'reportId'> | null> {
  switch (followUp.kind) {
    case 'draw-sample': {
      const plan = await readPlan(db, followUp.planId);
      return { phase: 'sample-selection', lob: plan?.request.lob ?? null };
    }
    case 'revise-sample':
    case 'make-version':
    case 'settle-review': {
      const row = await readVersionRow(db, followUp.versionId);
      return row ? { phase: row.phase, lob: row.lob === '' ? null : row.lob } : null;
    }
    case 'complete-phase':
      return { phase: followUp.phase, lob: followUp.lob };
    default:
      return null;
  }
}

/** Why no decision, review or signature lands on a version, or null while one does. Of a phase that was left out that is said first. */
export function whyShut(report: Report, row: Schema['versions'], actor: Pick<Person, 'personId'>): Reason | null {
  const { number, status, review_verdict: reviewVerdict } = row;
  const turn = whyNotTurn(report, placeOf(row), actor);
  const isSkipped = lineOf(report, placeOf(row))?.state === 'skipped';
  return (isSkipped ? turn : null) ?? whyClosed({ number, status, reviewVerdict }) ?? turn;
}

/** The line of the report that a version belongs to: samples of one line of business are versions of a phase of the whole report. */
export function placeOf(row: Pick<Schema['versions'], 'phase' | 'lob'>): { phase: PhaseSlug; lob: string | null } {
  return { phase: row.phase, lob: phaseOf(row.phase).scope === 'lob' ? row.lob : null };
}

/** The line of versions that a version is one of. */
export function lineOfVersion(row: Pick<Schema['versions'], 'report_id' | 'phase' | 'lob'>): VersionLine {
  return { reportId: row.report_id, phase: row.phase, lob: row.lob === '' ? null : row.lob };
}
