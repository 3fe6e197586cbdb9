// Owns recording results of test actions and having found values read from a document: each is bound to what is shown here, judged as the
// worker will, and in the outbox when a function returns. Knows no transport.
import { actionKey, actionProblems, whyNotTested } from '../../../domain/audit-record.ts';
import type { TestAction } from '../../../domain/audit-record.ts';
import type { Report } from '../../../domain/change.ts';
import { decisionsPerOperation } from '../../../domain/operation.ts';
import type { OperationBody, Reason } from '../../../domain/operation.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import { refuseFor, reportOrFail, whyNotAt } from './access.ts';
import { bytesPerOperation } from './decisions.ts';
import type { Desk } from './desk.ts';
import { documentRows, isAccepted } from './documents.ts';
import { CommandFailure, failed } from '../failure.ts';
import type { Author } from '../outbox/outbox.ts';
import { nextSeen, ownChangesAt, ownOf, revisionsAt } from './record-overlay.ts';
import { expectedOf, known, laneScope } from './scope.ts';
import type { LaneScope } from './scope.ts';
import { countTests, testPlace } from './tests.ts';

type Input = CommandParsed<'test:record'>;
type Asked = Input['actions'][number];
const phase = 'test-execution';

/** Queues results: first ones and changed responses as operations of their own, each of at most 500 actions and 120 KB, in order. */
export function recordTests(desk: Desk, input: Input, author: Author): CommandOutput<'test:record'> {
  const { reportId, lob } = input;
  const report = reportOrFail(desk, reportId);
  refuseFor(whyNotAt(desk, { kind: 'record-tests' }, report, { phase, lob }));
  const actions = boundActions(desk, report, input);
  const first = actions.filter((action) => action.seenRevision === 0);
  const changed = actions.filter((action) => action.seenRevision > 0);
  const bodies: OperationBody[] = [
    ...cutActions(first).map((part) => ({ kind: 'test.record' as const, reportId, lob, actions: part })),
    ...cutActions(changed).map((part) => ({ kind: 'test.update' as const, reportId, lob, actions: part })),
  ];
  const operations = desk.outbox.queue(bodies, author, desk.now());
  return { operationIds: operations.map(({ operationId }) => operationId) };
}

/** Binds each action to the contents and the revision that are shown here. @throws CommandFailure at the first that does not hold. */
function boundActions(desk: Desk, report: Report, { lob, actions }: Input): TestAction[] {
  const { reportId } = report;
  const scope = known(laneScope(desk, report, lob));
  const place = testPlace(reportId, lob);
  const revisions = revisionsAt(desk, place);
  const changes = ownChangesAt(desk, place);
  const isInScope = new Set(scope.attributes);
  const evidenceNeeded =
    report.phases.find((row) => row.phase === 'request-info' && row.lob === lob)?.state !== 'skipped';
  const acceptedHere = acceptedIn(desk, { reportId, lob });
  const seen = new Set<string>();
  return actions.map((asked, index) => {
    const { itemKey, attribute, evidence } = asked;
    const sample = scope.samples.get(itemKey);
    refuseFor(sample && isInScope.has(attribute) ? null : whyForeign(asked, lob, scope));
    const key = actionKey(itemKey, attribute);
    if (seen.has(key)) throw badField(index, 'attribute', `${attribute} of ${itemKey} is named twice`);
    seen.add(key);
    const seenRevision = nextSeen(ownOf(changes, key), revisions.get(key)?.revision ?? 0);
    const [problem] = actionProblems({ ...asked, seenRevision });
    if (problem) throw badField(index, problem.path.join('.'), `${attribute} of ${itemKey}: ${problem.message}`);
    if (!sample) throw new Error('a sample that is not there was not refused');
    const evidenceAccepted = evidence !== null && acceptedHere(evidence.documentId, evidence.revision);
    const expected = expectedOf(sample, attribute);
    refuseFor(whyNotTested(asked, { expected, evidenceNeeded, evidenceAccepted }));
    return { ...asked, contentHash: sample.contentHash, seenRevision };
  });
}

function whyForeign({ itemKey, attribute }: Asked, lob: string, { samples }: LaneScope): Reason {
  return samples.has(itemKey)
    ? { code: 'not-found', message: `"${attribute}" is not in scope, so that it is not tested` }
    : { code: 'foreign-item', message: `${itemKey} is no approved sample of ${lob}` };
}

function badField(index: number, field: string, message: string): CommandFailure {
  return failed('bad-input', message, { fields: [{ path: `actions.${index}.${field}`, message }] });
}

/** Asked once for each document that is named, however many actions rest on it. */
function acceptedIn(desk: Desk, lane: { reportId: string; lob: string }) {
  const known = new Map<string, boolean>();
  return (documentId: string, revision: number): boolean => {
    const name = `${documentId}/${revision}`;
    const accepted = known.get(name) ?? isAccepted(desk, lane, documentId, revision);
    known.set(name, accepted);
    return accepted;
  };
}

/** Cuts actions into parts that fit an operation each, in their order. */
export function cutActions(actions: readonly TestAction[]): TestAction[][] {
  const parts: TestAction[][] = [];
  let bytes = 0;
  for (const action of actions) {
    // As long as the canonical form: that only orders the keys.
    const size = Buffer.byteLength(JSON.stringify(action)) + 1;
    const part = parts.at(-1);
    if (part && part.length < decisionsPerOperation && bytes + size <= bytesPerOperation) {
      part.push(action);
      bytes += size;
    } else {
      parts.push([action]);
      bytes = size;
    }
  }
  return parts;
}

/** Queues the reading of all untested values from the accepted file of a document. */
export function readEvidence(
  desk: Desk,
  input: CommandParsed<'evidence:read'>,
  author: Author,
): CommandOutput<'evidence:read'> {
  const { reportId, lob, documentId } = input;
  const report = reportOrFail(desk, reportId);
  refuseFor(whyNotAt(desk, { kind: 'record-tests' }, report, { phase, lob }));
  const row = documentRows(desk, input).find((one) => one.documentId === documentId);
  if (!row) throw failed('not-found', `${lob} has no document ${documentId} on this laptop`);
  if (row.state !== 'accepted') {
    const message = `the document "${row.title}" is ${row.state}: values are read from accepted ones only`;
    refuseFor({ code: 'evidence-missing', message });
  }
  if (countTests(desk, report, lob)?.open === 0) {
    const message = `every attribute of every sample of ${lob} is tested: there is nothing left to read`;
    refuseFor({ code: 'out-of-turn', message });
  }
  const [operation] = desk.outbox.queue(
    [{ kind: 'evidence.read', reportId, lob, documentId, revision: row.revision }],
    author,
    desk.now(),
  );
  if (!operation) throw new Error('the outbox queued nothing');
  return { operationId: operation.operationId };
}
