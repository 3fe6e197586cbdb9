// Owns the making of versions that people review: proposed, drawn, and following from one another; with what follows for their
// phase, in one transaction, once per key. Which rows a version has is decided before.
import type { Json } from '../../domain/canonical.ts';
import { reportFeed } from '../../domain/change.ts';
import type { Report } from '../../domain/change.ts';
import { isOpen } from '../../domain/flow.ts';
import { placeAfter } from '../../domain/next-version.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import { proposer } from '../../domain/version.ts';
import type { Version } from '../../domain/version.ts';
import { nameOf } from './flow-ledger.ts';
import { enterFailure, finishFollowUp, readFollowed } from './follow-up.ts';
import type { Followed } from './follow-up.ts';
import { countedItems, whatChanged } from './made-words.ts';
import { carryDecisions, insertVersion, madeBefore, recordMade, versionIdOf } from './new-version.ts';
import type { NewVersion } from './new-version.ts';
import { notify } from './notifications.ts';
import { emitReport, lineOf, readReport, saveLobs } from './reports.ts';
import { sampleMove } from './sample-line.ts';
import { readPlan, readPopulation } from './sample-rows.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { readLine, readVersion, readVersionRow } from './version-rows.ts';
import { emitVersion, supersedeBefore, voidSignOffs } from './version-status.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

export type { NewItem, NewVersion } from './new-version.ts';

/**
 * Makes the first version of a phase as the workflow's draft: whoever hands it in becomes its author. A second call with the same
 * key answers with what the first one made. Null when the phase is not open any more, or has a version already.
 */
export async function proposeVersion(
  store: Store,
  input: NewVersion & { phase: PhaseSlug; lob: string | null },
  clock: () => string,
): Promise<Version | null> {
  return write(store, clock(), async (writing) => {
    const made = await madeBefore(writing, input.idempotencyKey);
    if (made) return made;
    const { reportId, phase, lob } = input;
    const report = await reportNow(writing, reportId);
    const earlier = await readLine(writing.trx, { reportId, phase, lob });
    if (whyNotMade(report, { phase, lob }, false) !== null || earlier.length > 0) return null;
    const byWorkflow = { actorId: proposer, deviceId: null, operationId: null, decidedAt: null };
    const cause = { ...byWorkflow, cycleId: report.cycleId, receivedAt: writing.at };
    const versionId = versionIdOf(input.idempotencyKey);
    const row = await insertVersion(writing, input, cause, {
      ...{ phase, lob, status: 'draft', number: 1, revision: 0 },
      ...{ parentVersionId: null, masterRecordId: versionId, planId: null },
      summary: input.summary ?? {},
    });
    await emitVersion(writing, versionId);
    await writing.trx.updateTable('reports').set({ problem: null }).where('report_id', '=', reportId).execute();
    const told = await emitReport(writing, reportId, { phase, lob, versionId });
    const summary = `proposed version 1 of ${nameOf({ phase, lob })}: ${countedItems(phase, row.item_count)}`;
    await recordMade(writing, row, cause, { operation: 'create', summary });
    const personIds = lineOf(told, { phase, lob })?.waitingFor ?? [];
    const text = `${nameOf({ phase, lob })} of "${report.name}" is proposed: look through it and hand it in`;
    await notify(writing, { reportId, personIds, kind: 'waiting-for-you', phase, lob, key: versionId, text });
    return readVersion(writing.trx, versionId);
  });
}

/**
 * Makes the version of a draw: the random rows, after them the targeted ones. A second call with the same key answers with what the
 * first one made. Supersedes a version that is still pending and counts the redraw. Null when the phase is not open any more; why
 * stands in the ledger then.
 */
export async function createSampleVersion(
  store: Store,
  input: NewVersion & { operationId: string; planId: string },
  clock: () => string,
): Promise<Version | null> {
  return write(store, clock(), async (writing) => {
    const made = await madeBefore(writing, input.idempotencyKey);
    if (made) return made;
    const { trx } = writing;
    const { reportId, operationId, planId } = input;
    const cause = await readFollowed(trx, operationId);
    const plan = await readPlan(trx, planId);
    if (plan?.reportId !== reportId) throw new Error(`the report ${reportId} has no plan ${planId}`);
    const { lob } = plan.request;
    const report = await reportNow(writing, reportId);
    const reason = whyNotMade(report, { phase: 'sample-selection', lob: null }, false);
    if (reason !== null) return enterFailure(writing, { operationId, reportId, operation: 'create', message: reason });
    const line = await readLine(trx, { reportId, phase: 'sample-selection', lob });
    const versionId = versionIdOf(input.idempotencyKey);
    const row = await insertVersion(writing, input, cause, {
      ...{ phase: 'sample-selection', lob, status: 'pending', revision: 0 },
      number: (line.at(-1)?.number ?? 0) + 1,
      ...{ parentVersionId: null, masterRecordId: versionId, planId },
      summary: { ...(await planSummary(writing, plan)), ...input.summary },
    });
    await trx.updateTable('plans').set({ version_id: versionId }).where('plan_id', '=', planId).execute();
    writing.emit(reportFeed(reportId), { kind: 'plan', plan: { ...plan, versionId } });
    if (line.length > 0) {
      await trx
        .updateTable('reports')
        .set((eb) => ({ redraws: eb('redraws', '+', 1) }))
        .where('report_id', '=', reportId)
        .execute();
    }
    await forgetWithout(writing, report, lob);
    const again = line.length > 0 ? `, a redraw: ${cause.redrawReason ?? 'no reason given'}` : '';
    await recordMade(writing, row, cause, {
      operation: 'create',
      summary: `${drewWords(input, plan)} into version ${row.number}${again}`,
    });
    return complete(writing, report, row, cause);
  });
}

/** A line of business that got a sample after all has no reason for having none. */
async function forgetWithout(writing: Writing, report: Report, lob: string | null): Promise<void> {
  if (!report.lobs.some((row) => row.lob === lob && row.withoutSamples !== null)) return;
  const lobs = report.lobs.map((row) => (row.lob === lob ? { ...row, withoutSamples: null } : row));
  await saveLobs(writing, report.reportId, lobs);
}

function drewWords(input: NewVersion, plan: RecordedPlan): string {
  const targeted = input.rows.filter((item) => item.source.kind === 'targeted').length;
  const random = (input.rows.length - targeted).toLocaleString('en');
  const of = plan.request.lob === null ? '' : ` of ${plan.request.lob}`;
  const also = targeted === 0 ? '' : ` and took ${targeted} targeted`;
  return `drew ${random} of ${plan.populationSize.toLocaleString('en')}${of}${also}`;
}

async function planSummary({ trx }: Writing, plan: RecordedPlan): Promise<Record<string, Json>> {
  const { request } = plan;
  const found = await readPopulation(trx, plan.reportId, request.populationHash);
  return {
    planId: plan.planId,
    populationHash: request.populationHash,
    fileName: found?.population.fileName ?? null,
    populationSize: plan.populationSize,
    keyColumn: request.keyColumn,
    lobColumn: request.lobColumn,
    lob: request.lob,
    risk: request.risk,
    tolerable: request.tolerable,
    expected: request.expected,
    method: plan.method,
    sampleSize: plan.sampleSize,
    acceptableDeviations: plan.acceptableDeviations,
    seed: request.seed,
    seedOrigin: request.seedOrigin,
    generator: plan.generator,
    algorithm: plan.algorithm,
  };
}

/** What a version that follows from another one is made of. */
export type FollowingVersion = NewVersion & {
  operationId: string;
  /** The version it follows from. */ versionId: string;
};

/**
 * Makes the version that follows a reviewed sample: `rows` come from the steps of `planRevision`. Items that carry their verdict
 * bring their decision along, with who and when of the original. Null as for `makeVersion`.
 */
export function createRevision(store: Store, input: FollowingVersion, clock: () => string): Promise<Version | null> {
  return makeVersion(store, input, clock);
}

/**
 * Makes the pending version that follows from another one by an author's edits or answers: `rows` come from `planNextVersion`.
 * The version before is superseded, signatures on it are void. Null when it was superseded meanwhile or its phase is not open any
 * more; why stands in the ledger then.
 * @throws Error when a verdict to be carried changed meanwhile: plan the rows again.
 */
export async function makeVersion(store: Store, input: FollowingVersion, clock: () => string): Promise<Version | null> {
  return write(store, clock(), async (writing) => {
    const made = await madeBefore(writing, input.idempotencyKey);
    if (made) return made;
    const { reportId, operationId } = input;
    const cause = await readFollowed(writing.trx, operationId);
    const { change } = cause;
    if (!change) throw new Error(`the operation ${operationId} asks for no version`);
    const parent = await readVersionRow(writing.trx, input.versionId);
    if (parent?.report_id !== reportId) throw new Error(`the report ${reportId} has no version ${input.versionId}`);
    const report = await reportNow(writing, reportId);
    const operation = change.kind === 'answers' ? 'revise' : 'create';
    const message = whyNotFollowed(report, parent);
    if (message !== null) return enterFailure(writing, { operationId, reportId, operation, message });
    const row = await insertFollowing(writing, input, cause, change.kind, parent);
    await carryDecisions(writing, row, input.rows, parent.version_id);
    if (phaseOf(row.phase).approval === 'sign-off') await voidSignOffs(writing, parent);
    const summary = await whatChanged(writing.trx, parent, row, input.rows);
    await recordMade(writing, row, cause, { operation, summary });
    return complete(writing, report, row, cause);
  });
}

async function insertFollowing(
  writing: Writing,
  input: FollowingVersion,
  cause: Followed,
  change: 'edits' | 'answers',
  parent: Schema['versions'],
): Promise<Schema['versions']> {
  const { phase } = parent;
  const lob = parent.lob === '' ? null : parent.lob;
  const line = await readLine(writing.trx, { reportId: input.reportId, phase, lob });
  const { revision, sameChain } = placeAfter(parent, change);
  return insertVersion(writing, input, cause, {
    ...{ phase, lob, status: 'pending', revision },
    number: (line.at(-1)?.number ?? 0) + 1,
    parentVersionId: parent.version_id,
    masterRecordId: sameChain ? parent.master_record_id : versionIdOf(input.idempotencyKey),
    planId: parent.plan_id,
    summary: { ...(JSON.parse(parent.summary_text) as Version['summary']), ...input.summary },
  });
}

/** Why no version can be made in a phase any more, as a sentence; null while one can. */
function whyNotMade(report: Report, place: { phase: PhaseSlug; lob: string | null }, reopens: boolean): string | null {
  const line = lineOf(report, place);
  if (!line) throw new Error(`the report ${report.reportId} has no phase ${nameOf(place)}`);
  const lane = report.lobs.find((row) => row.lob === place.lob);
  if (report.ended) return 'the report is over';
  if (lane?.status === 'cancelled') return `the line of business ${lane.lob} was cancelled`;
  const isClosed = !isOpen(line.state) && !(reopens && line.state === 'completed');
  return isClosed ? `${nameOf(place)} is not open any more` : null;
}

function whyNotFollowed(report: Report, parent: Schema['versions']): string | null {
  const { phase, status, number } = parent;
  if (status === 'superseded') return `version ${number} was superseded meanwhile`;
  const { scope, approval } = phaseOf(phase);
  const lob = scope === 'lob' ? parent.lob : null;
  return whyNotMade(report, { phase, lob }, approval === 'sign-off' && status === 'approved');
}

async function reportNow({ trx }: Writing, reportId: string): Promise<Report> {
  const report = await readReport(trx, reportId);
  if (!report) throw new Error(`the store has no report ${reportId}`);
  return report;
}

/** What follows for the line of a version that now waits for its review. */
async function complete(
  writing: Writing,
  report: Report,
  row: Schema['versions'],
  cause: Followed,
): Promise<Version | null> {
  const { version_id: versionId, report_id: reportId, phase } = row;
  const { approval, scope } = phaseOf(phase);
  // An approved version stays the current one until a newer one is approved; a report whose signatures are void is none any more.
  await supersedeBefore(writing, row, approval === 'sign-off' ? undefined : ['draft', 'pending', 'rejected']);
  await emitVersion(writing, versionId);
  const lob = scope === 'lob' ? row.lob : null;
  const inReview = { phase, lob, state: 'in-review' as const, outcome: null, reason: '', versionId };
  const move = phase === 'sample-selection' ? await sampleMove(writing.trx, report) : inReview;
  const told = await emitReport(writing, reportId, move);
  await finishFollowUp(writing, cause.operationId);
  const personIds = lineOf(told, { phase, lob })?.waitingFor ?? [];
  const text = `version ${row.number} of ${nameOf({ phase, lob })} of "${report.name}" waits for your review`;
  await notify(writing, { reportId, personIds, kind: 'waiting-for-you', phase, lob, key: versionId, text });
  return readVersion(writing.trx, versionId);
}
