// Owns how reports of the first slice (sample selection only) go over to the whole cycle: rows of schema 2 in the words of schema 3.
// Part of a released migration: never changed; it says what the rows looked like then, whatever the domain says today.
import type { Transaction } from 'kysely';
import { ledgerHash } from '../../domain/ledger.ts';
import type { Schema } from './schema.ts';

const reason = 'this report was started before the phase existed';
const leftOut = ['planning', 'data-profiling', 'scoping', 'data-owner-id'];
const order = ['planning', 'data-profiling', 'scoping', 'sample-selection', 'data-owner-id', 'test-report'];

interface OldPhase {
  phase: string;
  state: string;
  versionId: string | null;
  since: string;
  waitingFor: string[];
}

/** Carries every report over, tells its laptops and enters it into its ledger. Nothing happens where there are no rows. */
export async function carryFirstSlice(trx: Transaction<Schema>, at: string): Promise<void> {
  await settleFollowUps(trx);
  await sayWholePlans(trx);
  const reports = await trx.selectFrom('reports').selectAll().orderBy('report_id').execute();
  for (const report of reports) {
    const phases = carriedPhases(JSON.parse(report.phases_text) as OldPhase[]);
    const source = await lobSourceOf(trx, report.report_id);
    const lobSource = source === null ? null : JSON.stringify(source);
    await trx
      .updateTable('reports')
      .set({ phases_text: JSON.stringify(phases), lob_source_text: lobSource, flow_revision: 1 })
      .where('report_id', '=', report.report_id)
      .execute();
    const entry = await enter(trx, report, at);
    const header = await headerOf(trx, report, phases, source);
    await tell(trx, report.report_id, [header, ...(await bodiesOf(trx, report.report_id)), entry]);
  }
}

/** News of the first slice were follow-ups too, and nobody said that they were done; that of a review has no meaning any more. */
async function settleFollowUps(trx: Transaction<Schema>): Promise<void> {
  await trx
    .updateTable('operations')
    .set((eb) => ({ follow_up_done_at: eb.ref('applied_at') }))
    .where('kind', 'not in', ['population.import', 'sample.draw', 'revision.submit'])
    .where('follow_up_done_at', 'is', null)
    .execute();
  await trx.updateTable('operations').set({ follow_ups_text: '[]' }).where('kind', '=', 'review.submit').execute();
}

/** Every plan of the first slice was one over the whole. */
async function sayWholePlans(trx: Transaction<Schema>): Promise<void> {
  for (const row of await trx.selectFrom('plans').select(['plan_id', 'plan_text']).execute()) {
    const plan = JSON.parse(row.plan_text) as { request: object };
    const text = JSON.stringify({ ...plan, request: { lob: null, ...plan.request } });
    await trx.updateTable('plans').set({ plan_text: text }).where('plan_id', '=', row.plan_id).execute();
  }
}

function carriedPhases(old: readonly OldPhase[]): object[] {
  return order.map((phase) => {
    const before = old.find((row) => row.phase === phase);
    const since = before?.since ?? old[0]?.since ?? '';
    const line = {
      ...{ phase, lob: null, state: 'not-started', outcome: null, reason: '', versionId: null, since },
      ...{ openedAt: null, dueAt: null, remindAt: null, remindedAt: null, expiredAt: null, waitingFor: [] },
    };
    if (leftOut.includes(phase)) return { ...line, state: 'skipped', outcome: 'skipped', reason };
    // One that nobody began is opened by the flow when its turn comes.
    if (phase !== 'sample-selection' || !before || before.state === 'not-started') return line;
    const { state, versionId, waitingFor } = before;
    const outcomes: Readonly<Record<string, string>> = { completed: 'approved', rejected: 'SampleSelectionRejected' };
    return { ...line, state, outcome: outcomes[state] ?? null, versionId, waitingFor, openedAt: since };
  });
}

/** What the newest plan was spread over; null where nothing was planned: then somebody chooses. */
async function lobSourceOf(trx: Transaction<Schema>, reportId: string): Promise<object | null> {
  const rows = await trx.selectFrom('plans').select('plan_text').where('report_id', '=', reportId).execute();
  const plans = rows.map(
    (row) => JSON.parse(row.plan_text) as { recordedAt: string; request: { lobColumn: string | null } },
  );
  const newest = plans.toSorted((a, b) => a.recordedAt.localeCompare(b.recordedAt)).at(-1);
  if (!newest) return null;
  const { lobColumn } = newest.request;
  return lobColumn === null ? { kind: 'none' } : { kind: 'column', column: lobColumn };
}

async function enter(trx: Transaction<Schema>, report: Schema['reports'], at: string): Promise<object> {
  const open = {
    reportId: report.report_id,
    sequence: report.ledger_length + 1,
    entryKey: 'report/whole-cycle',
    kind: 'report.migrated',
    ...{ actorId: 'countersign', deviceId: null, operationId: null, versionId: null },
    summary: `took this report over into the whole cycle and skipped ${leftOut.join(', ')}: ${reason}`,
    detail: { skipped: leftOut, reason },
    ...{ decidedAt: null, receivedAt: at, appliedAt: at, previousHash: report.ledger_hash },
  };
  const hash = ledgerHash(open);
  await trx
    .insertInto('ledger')
    .values({
      ...{ report_id: open.reportId, sequence: open.sequence, entry_key: open.entryKey, kind: open.kind },
      ...{ actor_id: open.actorId, device_id: null, operation_id: null, version_id: null, summary: open.summary },
      ...{ detail_text: JSON.stringify(open.detail), decided_at: null, received_at: at, applied_at: at },
      ...{ previous_hash: open.previousHash, hash },
    })
    .execute();
  await trx
    .updateTable('reports')
    .set({ ledger_length: open.sequence, ledger_hash: hash })
    .where('report_id', '=', report.report_id)
    .execute();
  return { kind: 'ledger', entries: [{ ...open, hash }] };
}

async function headerOf(
  trx: Transaction<Schema>,
  report: Schema['reports'],
  phases: readonly object[],
  lobSource: object | null,
): Promise<object> {
  const reportId = report.report_id;
  const assigned = await trx
    .selectFrom('assignments')
    .select(['person_id', 'role'])
    .where('report_id', '=', reportId)
    .orderBy('person_id')
    .orderBy('role')
    .execute();
  const assignments = assigned.map((row) => ({ personId: row.person_id, role: row.role }));
  const ended = report.ended_at === null ? null : { at: report.ended_at, reason: '' };
  return {
    kind: 'report',
    report: {
      ...{ reportId, cycleId: report.cycle_id, name: report.name, dueAt: report.due_at, assignments, phases },
      ...{ lobSource, lobs: [], skips: [], deadlines: [], paused: null, ended, problem: null },
      redraws: report.redraws,
    },
  };
}

/** Plans and versions in the words of schema 3: laptops have them in the old ones. */
async function bodiesOf(trx: Transaction<Schema>, reportId: string): Promise<object[]> {
  const plans = await trx.selectFrom('plans').selectAll().where('report_id', '=', reportId).execute();
  const versions = await trx
    .selectFrom('versions')
    .selectAll()
    .where('report_id', '=', reportId)
    .orderBy('number')
    .execute();
  return [
    ...plans.map((row) => ({
      kind: 'plan',
      plan: { ...(JSON.parse(row.plan_text) as object), versionId: row.version_id },
    })),
    ...versions.map((row) => ({ kind: 'version', version: versionNow(row) })),
  ];
}

function versionNow(row: Schema['versions']): object {
  const { item_count: total, pending_count: pending, approved_count: approved, rejected_count: rejected } = row;
  return {
    ...{ versionId: row.version_id, cycleId: row.cycle_id, reportId: row.report_id, phase: row.phase, lob: null },
    ...{ number: row.number, status: row.status, reviewVerdict: row.review_verdict },
    ...{ parentVersionId: row.parent_version_id, masterRecordId: row.master_record_id, revision: row.revision },
    ...{ authorId: row.author_id, createdAt: row.created_at },
    ...{ reviewedBy: row.reviewed_by, reviewedAt: row.reviewed_at, reviewNote: row.review_note, itemCount: total },
    counts: { total, pending, approved, rejected, disputed: 0 },
    signOffs: [],
    summary: JSON.parse(row.summary_text) as object,
    workflow: JSON.parse(row.workflow_text) as object,
  };
}

async function tell(trx: Transaction<Schema>, reportId: string, changes: readonly object[]): Promise<void> {
  const feed = `report:${reportId}`;
  const known = await trx.selectFrom('feeds').select('head').where('feed', '=', feed).executeTakeFirst();
  const head = known?.head ?? 0;
  const last = head + changes.length;
  if (known) await trx.updateTable('feeds').set({ head: last }).where('feed', '=', feed).execute();
  else await trx.insertInto('feeds').values({ feed, head: last }).execute();
  for (const [index, change] of changes.entries()) {
    await trx
      .insertInto('changes')
      .values({
        ...{ feed, sequence: head + index + 1, audience: null },
        ...{ kind: (change as { kind: string }).kind, body_text: JSON.stringify(change) },
      })
      .execute();
  }
}
