// Owns what `version.submit` does at once: a draft without edits waits for its review from now on; edits are checked and kept, and
// making the version that has them is a follow-up.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import { changesNothing, planNextVersion, whyNotHandIn } from '../../../domain/next-version.ts';
import type { Edit } from '../../../domain/phase-item.ts';
import { isConflict } from '../../../domain/operation.ts';
import type { ItemOutcome, Reason } from '../../../domain/operation.ts';
import { phaseOf } from '../../../domain/phases.ts';
import { nothingLeft } from '../../../domain/revision.ts';
import { whyNotGoing, whyNotTurn } from '../../../domain/turn.ts';
import { nameOf } from '../flow-ledger.ts';
import { notify } from '../notifications.ts';
import { emitReport, lineOf } from '../reports.ts';
import type { Schema } from '../schema.ts';
import { readVersionItems, readVersionRow } from '../version-rows.ts';
import type { VersionItemBody } from '../version-rows.ts';
import { emitVersion } from '../version-status.ts';
import { lineOfVersion, placeOf, whyBusy } from './busy.ts';
import { applied, countOf, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

type Body = BodyOfKind<'version.submit'>;

export async function submitVersion(subject: Case, body: Body, report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, versionId, edits, note } = body;
  const row = await readVersionRow(writing.trx, versionId);
  if (row?.report_id !== reportId) {
    return refuse({ code: 'not-found', message: `this report has no version ${versionId}` });
  }
  const { phase, number, status, review_verdict: reviewVerdict } = row;
  const reason =
    whyNot({ kind: 'author', phase }, actor, report.assignments) ??
    whyNotNow(subject, row, report) ??
    whyNotHandIn({ phase, number, status, reviewVerdict }) ??
    (await whyBusy(writing.trx, lineOfVersion(row)));
  if (reason) return refuse(reason, versionId);
  const items = await readVersionItems(writing.trx, versionId);
  const base = { number, phase, status };
  const planned = planNextVersion(base, items, { kind: 'edits', edits }, actor.personId);
  if (!planned.ok) return refuse(planned.reason, versionId, outcomes(versionId, items, planned.items));
  if (changesNothing(items, planned.items)) return asItIs(subject, body, row, report);
  const { operationId } = subject;
  return applied({
    summary: `handed in version ${number} of ${nameOf(placeOf(row))} with ${countOf(edits.length, 'edit')}`,
    detail: { edits: tally(edits), note },
    versionId,
    followUps: [{ kind: 'make-version', operationId, reportId, versionId, ...placeOf(row) }],
  });
}

/** A signed report is edited after its phase was completed; everything else while its phase is open. */
function whyNotNow(subject: Case, row: Schema['versions'], report: Report): Reason | null {
  const isSigned = phaseOf(row.phase).approval === 'sign-off' && row.status === 'approved';
  return isSigned ? whyNotGoing(report) : whyNotTurn(report, placeOf(row), subject.actor);
}

function outcomes(
  versionId: string,
  items: readonly VersionItemBody[],
  faults: readonly { itemKey: string; reason: Reason }[],
): ItemOutcome[] {
  const byKey = new Map(items.map((item) => [item.itemKey, item]));
  return faults.map(({ itemKey, reason }) => {
    const item = byKey.get(itemKey);
    return {
      itemKey,
      state: isConflict(reason.code) ? 'conflict' : 'refused',
      reason,
      theirs: item
        ? { versionId, contentHash: item.contentHash, verdict: item.verdict, actorId: null, at: null }
        : null,
    };
  });
}

/** Hands a version in without any change of it. */
async function asItIs(subject: Case, body: Body, row: Schema['versions'], report: Report): Promise<Ruling> {
  const { operationId } = subject;
  const { reportId, versionId, note } = body;
  const { number, status } = row;
  if (status === 'draft') return handIn(subject, body, row, report);
  if (status === 'rejected' && note.trim() !== '') {
    return applied({
      summary: `handed in version ${number} of ${nameOf(placeOf(row))} again as it is: ${note.trim().slice(0, 200)}`,
      detail: { edits: tally([]), note },
      versionId,
      followUps: [{ kind: 'make-version', operationId, reportId, versionId, ...placeOf(row) }],
    });
  }
  return status === 'rejected'
    ? refuse(
        { code: 'reason-missing', message: `version ${number} was rejected: edit it, or say why it stays` },
        versionId,
      )
    : refuse(
        { code: 'out-of-turn', message: `version ${number} was handed in before, and this changes nothing` },
        versionId,
      );
}

/** The draft waits for its review, and who handed it in is its author. */
async function handIn(subject: Case, body: Body, row: Schema['versions'], report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, versionId, note } = body;
  if (row.item_count === 0) return refuse(nothingLeft, versionId);
  await writing.trx
    .updateTable('versions')
    .set({ status: 'pending', author_id: actor.personId })
    .where('version_id', '=', versionId)
    .execute();
  await emitVersion(writing, versionId);
  const place = placeOf(row);
  const move = { ...place, state: 'in-review', outcome: null, reason: '', versionId } as const;
  const told = await emitReport(writing, reportId, move);
  const personIds = lineOf(told, place)?.waitingFor ?? [];
  const text = `version ${row.number} of ${nameOf(place)} of "${report.name}" waits for your review`;
  const key = `${versionId}/handed-in`;
  await notify(writing, { reportId, personIds, kind: 'waiting-for-you', ...place, key, text });
  return applied({
    summary: `handed in version ${row.number} of ${nameOf(place)} as it was proposed`,
    detail: { edits: tally([]), note },
    versionId,
    followUps: [{ kind: 'wake', reportId, lob: place.lob }],
  });
}

function tally(edits: readonly Edit[]) {
  const count = (kind: Edit['edit']) => edits.filter((edit) => edit.edit === kind).length;
  return { set: count('set'), added: count('add'), removed: count('remove') };
}
