// Owns what `report.sign` does: one signature of the chain, over exactly the sections that were on the screen. The lead's approves
// what is still undecided; the owner's is the last, and carrying it out is a follow-up.
import type { Report } from '../../../domain/change.ts';
import type { Decision } from '../../../domain/decision.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { Role } from '../../../domain/people.ts';
import { roleNames } from '../../../domain/people.ts';
import { phaseOf } from '../../../domain/phases.ts';
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

/** Each signature belongs to one role of the chain. */
const signers: Readonly<Record<Body['meaning'], Role>> = { reviewed: 'test-lead', acknowledged: 'report-owner' };

export async function signReport(subject: Case, body: Body, report: Report): Promise<Ruling> {
  const { writing, operationId } = subject;
  const { reportId, versionId, meaning } = body;
  const row = await readVersionRow(writing.trx, versionId);
  const [version] = row ? await versionsOf(writing.trx, [row]) : [];
  if (!row || !version || version.reportId !== reportId) {
    return refuse({ code: 'not-found', message: `this report has no version ${versionId}` });
  }
  const reason =
    whyNotSigned(version) ??
    (await whyNotSigner(subject, signers[meaning], row, report)) ??
    whyShut(report, row, subject.actor) ??
    (await whyBusy(writing.trx, lineOfVersion(row))) ??
    whyOtherSections(version, body) ??
    whyNotNext(subject, version, signers[meaning]) ??
    whyUndecided(version, meaning);
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

function whyNotSigned({ phase, itemCount }: Version): Reason | null {
  const { approval, name } = phaseOf(phase);
  if (approval !== 'sign-off') return { code: 'out-of-turn', message: `versions of ${name} are not signed` };
  return itemCount === 0
    ? { code: 'empty-review', message: 'the report has no section: there is nothing to sign' }
    : null;
}

function whyOtherSections(version: Version, { itemsHash }: Body): Reason | null {
  if (version.summary['itemsHash'] === itemsHash) return null;
  return {
    code: 'content-changed',
    message: `version ${version.number} has other sections than were signed: look at it and sign again`,
  };
}

/** Why this is not the next signature of the chain, or null when it is. */
function whyNotNext({ actor }: Case, version: Version, role: Role): Reason | null {
  const standing = version.signOffs.filter((row) => row.voidedAt === null);
  if (standing.some((row) => row.role === role)) {
    return {
      code: 'already-decided',
      message: `version ${version.number} was signed by its ${roleNames[role]} before`,
    };
  }
  const chain = phaseOf(version.phase).approvers;
  const missing = chain.slice(0, chain.indexOf(role)).find((each) => !standing.some((row) => row.role === each));
  if (missing) {
    return {
      code: 'out-of-turn',
      message: `version ${version.number} waits for the signature of its ${roleNames[missing]} first`,
    };
  }
  const own = standing.some((row) => row.actorId === actor.personId);
  return own
    ? { code: 'four-eyes', message: `${actor.name} signed version ${version.number} before: another person has to` }
    : null;
}

function whyUndecided({ counts, number }: Version, meaning: Body['meaning']): Reason | null {
  if (counts.rejected > 0) {
    const message = `${counts.rejected} sections of version ${number} are rejected: ask for a revision instead of signing`;
    return { code: 'incomplete', message };
  }
  if (meaning === 'reviewed' || counts.pending === 0) return null;
  return { code: 'incomplete', message: `${counts.pending} sections of version ${number} are not decided` };
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
