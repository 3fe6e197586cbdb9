// Owns building a desk for tests: real files in a folder of their own, and feed pages as the worker would send them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, contentHash } from '../../../domain/canonical.ts';
import { reportFeed } from '../../../domain/change.ts';
import type { Change, FeedName, Report } from '../../../domain/change.ts';
import { phasesOf } from '../../../domain/flow.ts';
import type { PhaseStatus } from '../../../domain/flow.ts';
import type { Decision } from '../../../domain/decision.ts';
import type { Operation, Receipt } from '../../../domain/operation.ts';
import { practicePeople } from '../../../domain/people.ts';
import type { ItemBody, ItemOrigin, ItemSource, VerdictCounts, Version } from '../../../domain/version.ts';
import { openCache } from '../../../main/core/cache/cache.ts';
import type { Cache, ContentsPage, PullPage } from '../../../main/core/cache/cache.ts';
import type { Desk } from '../../../main/core/desk/desk.ts';
import { openOutbox } from '../../../main/core/outbox/outbox.ts';
import type { Author, Outbox } from '../../../main/core/outbox/outbox.ts';
import { phaseLine } from './running-report.ts';

export const reportId = 'report-1';
export const at = '2026-11-21T09:00:00.000Z';

/** A desk on files that the test can close, break and open again. */
export interface TestDesk extends Desk {
  cache: Cache;
  outbox: Outbox;
  folder: string;
  cacheFile: string;
  outboxFile: string;
  author: Author;
  /** Closes both and opens both again. */
  reopen(): void;
  close(): void;
  /** Sends changes of the report's feed (or the directory's), numbered on. */
  feed(changes: Change[], feed?: FeedName): void;
}

export function testDesk(personId = 'olga'): TestDesk {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-desk-'));
  const cacheFile = join(folder, 'cache.db');
  const outboxFile = join(folder, 'outbox.db');
  const author: Author = { actorId: personId, deviceId: 'device-1', sign: ({ sequence }) => `signature-${sequence}` };
  const open = () => {
    const outbox = openOutbox({ file: outboxFile, deviceId: author.deviceId });
    return { outbox, cache: openCache({ file: cacheFile, outboxFile }) };
  };
  const sequences = new Map<string, number>();
  const desk: TestDesk = {
    ...open(),
    personId,
    now: () => at,
    folder,
    cacheFile,
    outboxFile,
    author,
    reopen() {
      desk.cache.close();
      desk.outbox.close();
      Object.assign(desk, open());
    },
    close() {
      desk.cache.close();
      desk.outbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
    feed(changes, feed = reportFeed(reportId)) {
      const rows = changes.map((change) => {
        const sequence = (sequences.get(feed) ?? 0) + 1;
        sequences.set(feed, sequence);
        return { sequence, change };
      });
      desk.cache.applyPage(pageOf(feed, rows, sequences.get(feed) ?? 0));
    },
  };
  return desk;
}

export function pageOf(
  feed: FeedName,
  rows: PullPage['feeds'][number]['rows'],
  cursor: number,
  reportIds: string[] = [reportId],
): PullPage {
  return { kind: 'page', feeds: [{ feed, rows, cursor }], reportIds, more: false, serverTime: at };
}

/** Where the phases of a report stand that is in sample selection. */
const inSelection: Readonly<Record<string, PhaseStatus>> = {
  planning: 'completed',
  'data-profiling': 'completed',
  scoping: 'completed',
  'sample-selection': 'in-review',
};

/** A report whose sample is reviewed: everything before is completed, nothing after has begun, no lines of business. */
export function report(over: Partial<Report> = {}): Report {
  return {
    reportId,
    cycleId: 'cycle-01',
    name: 'Card portfolio',
    dueAt: null,
    assignments: [
      { personId: 'mara', role: 'test-manager' },
      { personId: 'tara', role: 'tester' },
      { personId: 'olga', role: 'report-owner' },
      { personId: 'lena', role: 'test-lead' },
    ],
    phases: phasesOf('report').map((phase) => phaseLine(phase, null, inSelection[phase] ?? 'not-started')),
    ...{ lobSource: null, lobs: [], skips: [], deadlines: [] },
    ...{ paused: null, ended: null, problem: null, redraws: 0 },
    ...over,
  };
}

/** Counts of so many items; what is not said to be decided is pending. */
export function countsOf(total: number, over: Partial<VerdictCounts> = {}): VerdictCounts {
  const { approved = 0, rejected = 0, disputed = 0 } = over;
  return { total, approved, rejected, disputed, pending: total - approved - rejected };
}

export function version(over: Partial<Version> = {}): Version {
  const versionId = over.versionId ?? 'version-1';
  const itemCount = over.itemCount ?? 4;
  return {
    versionId,
    cycleId: 'cycle-01',
    reportId,
    phase: 'sample-selection',
    lob: null,
    number: 1,
    status: 'pending',
    reviewVerdict: null,
    parentVersionId: null,
    masterRecordId: 'version-1',
    revision: 0,
    authorId: 'tara',
    createdAt: at,
    reviewedBy: null,
    reviewedAt: null,
    reviewNote: null,
    itemCount,
    counts: countsOf(itemCount),
    signOffs: [],
    summary: {},
    workflow: { workflowId: 'w', runId: 'r', stepId: 's', activityName: 'a' },
    ...over,
  };
}

/** An item with its body, as a page of contents brings it. */
export interface Thing {
  itemKey: string;
  body: ItemBody;
  source?: ItemSource;
  origin?: ItemOrigin;
}

export function contents(versionId: string, things: Thing[], from = 0, whole = true): ContentsPage {
  return {
    kind: 'page',
    versionId,
    items: things.map(({ itemKey, body, source, origin }, index) => ({
      position: from + index,
      itemKey,
      contentHash: contentHash(body),
      source: source ?? { kind: 'random', drawPosition: from + index + 1, stratum: null },
      origin: origin ?? { kind: 'new' },
    })),
    bodies: things.map(({ body }) => ({ contentHash: contentHash(body), bodyText: canonicalJson(body) })),
    nextPosition: whole ? null : from + things.length,
  };
}

export const carried: ItemOrigin = { kind: 'carried', versionId: 'version-1', versionNumber: 1, itemKey: '' };

/** Items `key-0`, `key-1` … with a few fields. */
export function things(count: number): Thing[] {
  return Array.from({ length: count }, (_, index) => ({
    itemKey: `key-${index}`,
    body: { ID: `key-${index}`, LIMIT_BAL: 1000 * (index + 1), NOTE: `row ${index}` },
  }));
}

export function decision(over: Partial<Decision> & { itemKey: string }): Decision {
  return {
    versionId: 'version-1',
    verdict: 'approved',
    reasonCode: null,
    note: '',
    actorId: 'olga',
    operationId: 'operation-elsewhere',
    decidedAt: at,
    receivedAt: at,
    appliedAt: at,
    ...over,
  };
}

export function receipt(operation: Operation, over: Partial<Receipt> = {}): Receipt {
  const { operationId, actorId, deviceId, sequence, body } = operation;
  const named = { operationId, kind: body.kind, actorId, deviceId, sequence };
  return { ...named, state: 'applied', reason: null, items: [], receivedAt: at, appliedAt: at, ...over };
}

/** A desk with people, a report and a whole first version of `count` items. */
export function deskWithVersion(count = 4, personId = 'olga'): TestDesk {
  const desk = testDesk(personId);
  desk.feed(
    practicePeople.map((person) => ({ kind: 'person', person })),
    'directory',
  );
  desk.feed([
    { kind: 'report', report: report() },
    { kind: 'version', version: version({ itemCount: count }) },
  ]);
  desk.cache.storeContents(contents('version-1', things(count)));
  return desk;
}

/** What a screen would send to decide on an item. */
export function asShown(thing: Thing, verdict: 'approved' | 'rejected' = 'approved') {
  const reasonCode = verdict === 'rejected' ? ('duplicate' as const) : null;
  return { itemKey: thing.itemKey, contentHash: contentHash(thing.body), decision: { verdict, reasonCode, note: '' } };
}
