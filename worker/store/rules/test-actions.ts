// Owns what `test.record`, `test.update` and `evidence.read` do: results of testing attributes of samples, each change a revision.
// What was expected comes from the sample as the store has it, never from the laptop.
import { actionKey, whyNotTested } from '../../../domain/audit-record.ts';
import type { AuditRecord, TestAction, TestActionBody, TestResult } from '../../../domain/audit-record.ts';
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import type { ItemOutcome, Reason } from '../../../domain/operation.ts';
import { whyNotTurn } from '../../../domain/turn.ts';
import { evidenceToRead, isAccepted, isDocumentNeeded } from '../evidence.ts';
import { appendRecords, readLatestOf } from '../records.ts';
import type { NewRecord } from '../records.ts';
import { readAttributesInScope, readSamples } from '../scope.ts';
import type { TestedSample } from '../scope.ts';
import { whyBusy } from './busy.ts';
import { causeOf, notTaken, whyOtherRevision, whyTwice } from './record-items.ts';
import { applied, countOf, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

const phase = 'test-execution';
type Kind = 'test.record' | 'test.update';

/** First results of test actions. */
export function recordTests(subject: Case, body: BodyOfKind<'test.record'>, report: Report): Promise<Ruling> {
  return takeTests(subject, body, report);
}

/** Changed responses; what they were before stays in the history. */
export function updateTests(subject: Case, body: BodyOfKind<'test.update'>, report: Report): Promise<Ruling> {
  return takeTests(subject, body, report);
}

async function whyNotTesting(
  subject: Case,
  { reportId, lob }: { reportId: string; lob: string },
  report: Report,
): Promise<Reason | null> {
  const { writing, actor } = subject;
  return (
    whyNot({ kind: 'record-tests' }, actor, report.assignments) ??
    whyNotTurn(report, { phase, lob }, actor) ??
    (await whyBusy(writing.trx, { reportId, phase, lob }))
  );
}

/** Each action stands for itself: those that do not hold are named, the others are applied. */
async function takeTests(subject: Case, body: BodyOfKind<Kind>, report: Report): Promise<Ruling> {
  const { writing } = subject;
  const { reportId, lob, actions } = body;
  const keys = actions.map((row) => actionKey(row.itemKey, row.attribute));
  const reason = (await whyNotTesting(subject, body, report)) ?? whyTwice(keys, 'an attribute of a sample');
  if (reason) return refuse(reason);
  const place = { reportId, phase, lob } as const;
  const itemKeys = [...new Set(actions.map((row) => row.itemKey))];
  const known: Known = {
    lob,
    samples: await readSamples(writing.trx, report, lob, itemKeys),
    attributes: new Set(await readAttributesInScope(writing.trx, reportId)),
    latest: await readLatestOf(writing.trx, place, keys),
    accepted: await acceptedOf(subject, body),
    evidenceNeeded: isDocumentNeeded(report, lob),
  };
  const items: ItemOutcome[] = [];
  const changes: NewRecord[] = [];
  for (const action of actions) {
    const recordKey = actionKey(action.itemKey, action.attribute);
    const sample = known.samples.get(action.itemKey);
    const fault = sample ? await whyNotTaken(subject, body.kind, action, sample, known) : foreign(action, lob);
    if (fault || !sample) items.push(notTaken(recordKey, fault ?? foreign(action, lob)));
    else changes.push({ recordKey, body: bodyOf(action, sample), reason: action.reason });
  }
  const [first] = items;
  if (changes.length === 0 && first) return refuse(first.reason, null, items);
  await appendRecords(writing, place, causeOf(subject), changes);
  return applied({ summary: said(body, changes, items), detail: facts(lob, changes, items), items });
}

/** What the actions of one operation are held against. */
interface Known {
  lob: string;
  /** Approved samples of the lane, of those that are named. */
  samples: ReadonlyMap<string, TestedSample>;
  attributes: ReadonlySet<string>;
  latest: ReadonlyMap<string, AuditRecord>;
  /** `document/revision` of the named evidence that a tester accepted. */
  accepted: ReadonlySet<string>;
  evidenceNeeded: boolean;
}

async function acceptedOf({ writing }: Case, { reportId, lob, actions }: BodyOfKind<Kind>): Promise<Set<string>> {
  const accepted = new Set<string>();
  const asked = new Set<string>();
  for (const { evidence } of actions) {
    if (!evidence) continue;
    const { documentId, revision } = evidence;
    const name = `${documentId}/${revision}`;
    if (asked.has(name)) continue;
    asked.add(name);
    if (await isAccepted(writing.trx, { reportId, lob, documentId, revision })) accepted.add(name);
  }
  return accepted;
}

function foreign({ itemKey }: TestAction, lob: string): Reason {
  return { code: 'foreign-item', message: `${itemKey} is no approved sample of ${lob}` };
}

async function whyNotTaken(
  subject: Case,
  kind: Kind,
  action: TestAction,
  sample: TestedSample,
  known: Known,
): Promise<Reason | null> {
  const { itemKey, attribute, evidence, seenRevision } = action;
  const what = `the test of ${attribute} of ${itemKey}`;
  if (sample.contentHash !== action.contentHash) {
    return { code: 'content-changed', message: `${itemKey} has other contents than were tested` };
  }
  if (!known.attributes.has(attribute)) {
    return { code: 'not-found', message: `"${attribute}" is not in scope, so that it is not tested` };
  }
  const moved = await whyOtherRevision(subject, what, seenRevision, known.latest.get(actionKey(itemKey, attribute)));
  if (moved) return moved;
  if (kind === 'test.record' && seenRevision > 0) {
    return { code: 'malformed', message: `${what} has a result: change it as a changed response` };
  }
  if (kind === 'test.update' && seenRevision === 0) {
    return { code: 'malformed', message: `${what} has no result that could be changed: record it as a first one` };
  }
  return whyNotTested(action, {
    expected: expectedOf(sample, attribute),
    evidenceNeeded: known.evidenceNeeded,
    evidenceAccepted: evidence !== null && known.accepted.has(`${evidence.documentId}/${evidence.revision}`),
  });
}

function expectedOf({ body }: TestedSample, attribute: string): TestActionBody['expected'] {
  return Object.hasOwn(body, attribute) ? (body[attribute] ?? null) : null;
}

function bodyOf(action: TestAction, sample: TestedSample): TestActionBody {
  const { itemKey, attribute, found, result, notTestableReason, evidence, note } = action;
  return {
    ...{ itemKey, attribute, expected: expectedOf(sample, attribute), found, result, notTestableReason },
    documentId: evidence?.documentId ?? null,
    documentRevision: evidence?.revision ?? null,
    locator: evidence?.locator ?? '',
    note,
    random: sample.random,
  };
}

const resultWords: Readonly<Record<TestResult, string>> = {
  pass: 'passed',
  fail: 'failed',
  'not-testable': 'not testable',
};

function tally(changes: readonly NewRecord[]): [TestResult, number][] {
  const results: readonly TestResult[] = ['pass', 'fail', 'not-testable'];
  return results.flatMap((result) => {
    const count = changes.filter((change) => change.body['result'] === result).length;
    return count === 0 ? [] : [[result, count]];
  });
}

function said({ kind, lob }: BodyOfKind<Kind>, changes: readonly NewRecord[], items: readonly ItemOutcome[]): string {
  const parts = tally(changes).map(([result, count]) => `${count} ${resultWords[result]}`);
  const verb = kind === 'test.record' ? 'tested' : 'changed the response to';
  const missed = items.length > 0 ? `; ${items.length} not applied` : '';
  return `${verb} ${countOf(changes.length, 'attribute')} of samples of ${lob}: ${parts.join(', ')}${missed}`;
}

function facts(lob: string, changes: readonly NewRecord[], items: readonly ItemOutcome[]) {
  const recordKeys = changes.map((change) => change.recordKey);
  return { lob, recordKeys, results: Object.fromEntries(tally(changes)), notApplied: items.length };
}

/** Asks for the found values of all untested actions to be read from an accepted document; the reading is a follow-up. */
export async function readEvidence(subject: Case, body: BodyOfKind<'evidence.read'>, report: Report): Promise<Ruling> {
  const { writing, operationId } = subject;
  const { reportId, lob, documentId, revision } = body;
  const reason = await whyNotTesting(subject, body, report);
  if (reason) return refuse(reason);
  const wanted = await evidenceToRead(writing.trx, { reportId, lob, documentId, revision });
  if ('problem' in wanted) return refuse(wanted.problem);
  const count = wanted.samples.reduce((sum, sample) => sum + sample.attributes.length, 0);
  return applied({
    summary: `asked for the values of ${countOf(count, 'untested attribute')} of samples of ${lob} to be read from "${wanted.title}"`,
    detail: { lob, documentId, revision, fileHash: wanted.fileHash, untested: count },
    followUps: [{ kind: 'read-evidence', operationId, reportId, lob, documentId, revision }],
  });
}
