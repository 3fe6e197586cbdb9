// The whole record of a report as a file: complete, in a stable order, and enough to work out figures without us.
import { createHash } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { ledgerGenesis, ledgerHash } from '../../../domain/ledger.ts';
import { exportLedger } from '../../../main/core/desk/ledger-export.ts';
import { at, contents, reportId, version } from './desk-builder.ts';
import type { TestDesk } from './desk-builder.ts';
import { documentRecord, samples, testedDesk, testRecord } from './tested-report.ts';

let desk: TestDesk;
afterEach(() => desk.close());

const facts = {
  ...{ reportId, sequence: 1, entryKey: 'e1', kind: 'sample.draw', actorId: 'tara', deviceId: null },
  ...{ operationId: null, versionId: null, summary: 'drew', detail: { seed: '7' }, decidedAt: at },
  ...{ receivedAt: at, appliedAt: at, previousHash: ledgerGenesis },
};

interface Exported {
  format: string;
  formatVersion: number;
  report: { name: string };
  people: { personId: string }[];
  ledger: { hash: string }[];
  versions: {
    versionId: string;
    phase: string;
    items: {
      itemKey: string;
      contentHash: string;
      body: object;
      verdict: string;
      decision: { actorId: string } | null;
      origin: { kind: string };
    }[];
  }[];
  records: { phase: string; recordKey: string; revision: number; body: { result?: string } }[];
}

test('everything of a report is in the file, and figures follow from it without us', () => {
  desk = testedDesk('lena');
  desk.feed([
    { kind: 'ledger', entries: [{ ...facts, hash: ledgerHash(facts) }] },
    {
      kind: 'records',
      records: [
        testRecord('Cards', 'S-0', 'AGE', { result: 'fail' }, { revision: 2 }),
        testRecord('Cards', 'S-0', 'AGE', {}),
        testRecord('Retail', 'S-1', 'AGE', { result: 'not-testable' }),
        documentRecord('Cards'),
      ],
    },
  ]);
  const { fileName, json, entries } = exportLedger(desk, { reportId });
  expect([fileName, entries]).toEqual(['Card portfolio ledger.json', 1]);
  const exported = JSON.parse(json) as Exported;
  expect(exported).toMatchObject({
    format: 'countersign-ledger',
    formatVersion: 1,
    report: { name: 'Card portfolio' },
  });
  expect(exported.versions.map((one) => one.phase)).toEqual(['scoping', 'sample-selection']);
  const [, sample] = exported.versions;
  expect(sample?.items.map((item) => [item.itemKey, item.verdict, item.decision?.actorId])).toEqual(
    samples.map(({ itemKey }, index) => [itemKey, index < 4 ? 'approved' : 'rejected', 'olga']),
  );
  // A stranger's arithmetic: the hash of each body, and the deviations by the latest revisions.
  for (const { body, contentHash } of sample!.items) {
    const sorted = Object.fromEntries(Object.entries(body).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    expect(createHash('sha256').update(JSON.stringify(sorted)).digest('hex')).toBe(contentHash);
  }
  const latest = new Map(exported.records.map((record) => [`${record.phase} ${record.recordKey}`, record]));
  const tested = [...latest.values()].filter((record) => record.phase === 'test-execution');
  expect(tested.map((record) => record.body.result)).toEqual(['fail', 'not-testable']);
  expect(exported.people.map((one) => one.personId)).toEqual(['dana', 'lena', 'mara', 'olga', 'tara', 'tom']);
});

test('the same state gives the same text, in whatever order the feed brought it', () => {
  desk = testedDesk('lena');
  const records = [testRecord('Cards', 'S-0', 'AGE'), testRecord('Cards', 'S-0', 'LIMIT_BAL'), documentRecord('Cards')];
  desk.feed([{ kind: 'records', records }]);
  const first = exportLedger(desk, { reportId }).json;
  desk.reopen();
  expect(exportLedger(desk, { reportId }).json).toBe(first);
  desk.close();
  desk = testedDesk('olga');
  desk.feed([{ kind: 'records', records: records.toReversed() }]);
  expect(exportLedger(desk, { reportId }).json).toBe(first);
});

test('a report of which something is not here is not exported in part', () => {
  desk = testedDesk('lena');
  desk.feed([{ kind: 'version', version: version({ versionId: 'version-next', number: 2, itemCount: 5 }) }]);
  expect(() => exportLedger(desk, { reportId })).toThrow(
    /version 2 of sample-selection of Card portfolio is not whole/,
  );
  desk.cache.storeContents({ ...contents('version-next', samples), bodies: [] });
  expect(exportLedger(desk, { reportId }).json).toContain('version-next');
  desk.cache.db.prepare('UPDATE bodies SET body = NULL').run();
  expect(() => exportLedger(desk, { reportId })).toThrow(/not whole/);
  expect(() => exportLedger(desk, { reportId: 'report-elsewhere' })).toThrow(/no report report-elsewhere/);
});
