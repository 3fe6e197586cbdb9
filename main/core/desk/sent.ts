// Owns the list of what this laptop sent last, in words. Reads both files; writes nothing.
import type { Report } from '../../../domain/change.ts';
import type { OperationBody, OperationKind } from '../../../domain/operation.ts';
import { phaseOf, placeName } from '../../../domain/phases.ts';
import type { SentRow } from '../../../preload/contract.ts';
import type { Desk } from './desk.ts';
import { counted } from './operation-text.ts';
import type { OperationRow } from '../outbox/operation-table.ts';
import { placeOfOperation } from './phase-operations.ts';
import { statement } from '../sqlite.ts';

/** How many sent things are listed. */
const sentLimit = 20;

/** What somebody hands over with a phase's work; what steers a cycle is in its timeline. */
const sentKinds = [
  ...['review.submit', 'revision.submit', 'version.submit', 'report.sign', 'phase.complete', 'population.import'],
  ...['sample.draw', 'owner.assign', 'document.submit', 'document.review', 'test.record', 'test.update'],
  'evidence.read',
] as const satisfies readonly OperationKind[];
type SentBody = Extract<OperationBody, { kind: (typeof sentKinds)[number] }>;

/** The last things this laptop submitted, newest first; what was dropped or done again is not among them. */
export function sentBy(desk: Desk, reports: readonly Report[]): SentRow[] {
  const sql = `SELECT * FROM operations WHERE kind IN (${sentKinds.map(() => '?').join(', ')}) AND settled_at IS NULL
    ORDER BY sequence DESC LIMIT ${sentLimit}`;
  const names = new Map(reports.map(({ reportId, name }) => [reportId, name]));
  return statement<OperationRow>(desk.outbox.db, sql)
    .all(...sentKinds)
    .map((row) => {
      const version = row.version_id === null ? null : desk.cache.version(row.version_id);
      const place = version ?? placeOfOperation(desk, row);
      const reportId = row.report_id ?? '';
      return {
        reportId,
        reportName: names.get(reportId) ?? reportId,
        phaseName: place ? placeName(place) : phaseOf('sample-selection').name,
        versionId: row.version_id,
        versionNumber: version?.number ?? null,
        what: sentText(JSON.parse(row.body) as SentBody),
        items: version?.itemCount ?? row.item_count,
        delivery: row.state,
        at: row.decided_at,
      };
    });
}

const verdictWords = {
  approved: 'approved',
  'revision-requested': 'revision requested',
  rejected: 'rejected',
} as const;

function sentText(body: SentBody): string {
  switch (body.kind) {
    case 'review.submit':
      return verdictWords[body.verdict];
    case 'revision.submit':
      return `revision with ${counted(body.answers.length, 'answer')}`;
    case 'version.submit':
      return body.edits.length === 0 ? 'handed in' : `handed in with ${counted(body.edits.length, 'edit')}`;
    case 'report.sign':
      return `signed as ${body.meaning}`;
    case 'phase.complete':
      return 'completed';
    case 'population.import':
      return `population ${body.fileName}`;
    case 'sample.draw':
      return 'sample drawn';
    case 'owner.assign':
      return counted(body.assignments.length, 'data owner');
    case 'document.submit':
      return `document ${body.title}`;
    case 'document.review':
      return `document ${body.verdict}`;
    case 'test.record':
      return counted(body.actions.length, 'test action');
    case 'test.update':
      return `${counted(body.actions.length, 'response')} changed`;
    case 'evidence.read':
      return 'values read from a document';
  }
}
