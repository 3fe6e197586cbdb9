// Owns what `report.sign` does: one signature of the chain, over exactly the sections that were on the screen. The lead's approves
// what is still undecided; the owner's is the last, and carrying it out is a follow-up.
import type { Report } from '../../../domain/change.ts';
import type { Decision } from '../../../domain/decision.ts';
import type { Reason } from '../../../domain/operation.ts';
import { phaseOf } from '../../../domain/phases.ts';
import { signers, whyNeverSigned, whyNotSignNow } from '../../../domain/signing.ts';
import type { Version } from '../../../domain/version.ts';
import { insertMany } from '../dialect.ts';
import { nameOf } from '../flow-ledger.ts';
import { emitDecisions } from '../new-version.ts';
import { notify } from '../notifications.ts';
import { emitReport, lineOf } from '../reports.ts';
import type { Schema } from '../schema.ts';
import { decisionCells, decisionColumns, readReviewedItems, readVersionRow, versionsOf } from '../version-rows.ts';
import { emitVersion } from '../version-status.ts';
import { lineOfVersion, placeOf, whyBusy, whyShut } from './busy.ts';
import { whyNotSigner } from './four-eyes.ts';
import { closeVersion } from './review.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

type Body = BodyOfKind<'report.sign'>;

export async function signReport(subject: Case, body: Body, report: Report): Promise<Ruling> {
  const { writing, operationId } = subject;
  const { reportId, versionId, meaning } = body;
  const row = await readVersionRow(writing.trx, versionId);
  const [version] = row ? await versionsOf(writing.trx, [row]) : [];
  if (!row || !version || version.reportId !== reportId) {
    return refuse({ code: 'not-found', message: `this report has no version ${versionId}` });
  }
  const reason =
    whyNeverSigned(version) ??
    (await whyNotSigner(subject, signers[meaning], row, report)) ??
    whyShut(report, row, subject.actor) ??
    (await whyBusy(writing.trx, lineOfVersion(row))) ??
    whyOtherSections(version, body) ??
    whyNotSignNow(version, meaning, subject.actor);
  if (reason) return refuse(reason, versionId);
  if (meaning === 'reviewed') await approveRest(subject, row);
  await insertSignature(subject, body);
  const place = placeOf(row);
  const isLast = phaseOf(row.phase).approvers.at(-1) === signers[meaning];
  if (isLast) await closeVersion(subject, row, 'approved', body.note);
  else await emitVersion(writing, versionId);
  const told = await emitReport(writing, reportId);
  if (!isLast) await tellNext(subject, told, row);
  const note = body.note.trim() === '' ? '' : `: ${body.note.trim().slice(0, 200)}`;
  return applied({
    summary: `signed version ${version.number} of ${nameOf(place)} as ${meaning}${note}`,
    detail: { meaning, role: signers[meaning], itemsHash: body.itemsHash, note: body.note },
    versionId,
    followUps: isLast
      ? [{ kind: 'settle-review', operationId, reportId, versionId, ...place, verdict: 'approved' }]
      : [{ kind: 'wake', reportId, lob: place.lob }],
  });
}

function whyOtherSections(version: Version, { itemsHash }: Body): Reason | null {
  if (version.summary['itemsHash'] === itemsHash) return null;
  return {
    code: 'content-changed',
    message: `version ${version.number} has other sections than were signed: look at it and sign again`,
  };
}

/** The lead's signature speaks of the whole report: what nobody decided is approved by it. */
async function approveRest(subject: Case, row: Schema['versions']): Promise<void> {
  const { writing, actor, operationId, decidedAt, receivedAt } = subject;
  const { version_id: versionId } = row;
  const open = (await readReviewedItems(writing.trx, versionId)).filter((item) => item.verdict === 'pending');
  if (open.length === 0) return;
  const decisions = open.map(({ itemKey }): Decision => ({
    ...{ versionId, itemKey, verdict: 'approved', reasonCode: null, note: '' },
    ...{ actorId: actor.personId, operationId, decidedAt, receivedAt, appliedAt: writing.at },
  }));
  await insertMany(writing.trx, 'decisions', decisionColumns, decisions.map(decisionCells));
  await insertMany(
    writing.trx,
    'verdicts',
    ['version_id', 'item_key', 'verdict', 'operation_id'],
    decisions.map((decision) => [versionId, decision.itemKey, decision.verdict, operationId]),
    'on conflict (version_id, item_key) do update set verdict = excluded.verdict, operation_id = excluded.operation_id',
  );
  await writing.trx
    .updateTable('versions')
    .set({ pending_count: 0, approved_count: row.approved_count + open.length })
    .where('version_id', '=', versionId)
    .execute();
  emitDecisions(writing, row, decisions);
}

async function insertSignature(subject: Case, { versionId, meaning, note, itemsHash }: Body): Promise<void> {
  const { writing, actor, operationId, decidedAt } = subject;
  await writing.trx
    .insertInto('sign_offs')
    .values({
      ...{ version_id: versionId, role: signers[meaning], actor_id: actor.personId, meaning, note },
      ...{ items_hash: itemsHash, operation_id: operationId, decided_at: decidedAt, applied_at: writing.at },
      voided_at: null,
    })
    .execute();
}

async function tellNext({ writing }: Case, report: Report, row: Schema['versions']): Promise<void> {
  const place = placeOf(row);
  const personIds = lineOf(report, place)?.waitingFor ?? [];
  const text = `version ${row.number} of ${nameOf(place)} of "${report.name}" waits for your signature`;
  const key = `${row.version_id}/signature`;
  await notify(writing, { reportId: report.reportId, personIds, kind: 'waiting-for-you', ...place, key, text });
}
