// Reading found values from a document: a real file in the content store, DuckDB, and the store's own rules on both sides of it.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { actionKey, sameValue } from '../../../domain/audit-record.ts';
import { readEvidenceTable } from '../../../domain/evidence.ts';
import { practiceDifferences, practiceEvidence } from '../../../main/core/imports/practice-evidence.ts';
import { practiceAccounts, practiceCsv } from '../../../main/core/imports/practice.ts';
import { readEvidence } from '../../../worker/making/evidence.ts';
import type { EvidenceRead } from '../../../worker/making/evidence.ts';
import { recordPopulation } from '../../../worker/store/follow-up.ts';
import { readLatestRecords } from '../../../worker/store/records.ts';
import { advance, drawn, drawnRows, readyPopulation, testPopulationHash, reviewed, withPlan } from '../../builders.ts';
import { atOwners, inLanes, laneOf, samplesOf, scope } from '../store/lanes.ts';
import { openMakingWorld, withDocument } from './testing-lane.ts';
import type { MakingWorld } from './testing-lane.ts';

let world: MakingWorld;
beforeEach(async () => {
  world = await openMakingWorld();
});
afterEach(() => world.close());

type Found = { key: string; LIMIT_BAL: string; SEX: string };

/** The lane's samples as a source system would tell them: other columns, another order, other ways to write the same. */
async function foundValues(reportId: string): Promise<Found[]> {
  const samples = await samplesOf(world.test, reportId);
  return samples.map(({ itemKey, body }) => ({
    key: itemKey,
    LIMIT_BAL: `${String(body['LIMIT_BAL'])}.00`,
    SEX: ` ${String(body['SEX'])} `,
  }));
}

function csv(rows: readonly Found[]): string {
  const lines = rows.map(({ key, LIMIT_BAL, SEX }) => `"a, note";${SEX};${LIMIT_BAL};${key}`);
  return `${['NOTE;SEX;LIMIT_BAL;ID', ...lines].join('\r\n')}\r\n`;
}

/** Has the document read as its follow-up does; answers with the operation beside what was read. */
async function read(
  reportId: string,
  document: { documentId: string; revision: number },
): Promise<{ answer: EvidenceRead; operationId: string }> {
  const { documentId, revision } = document;
  const { operationId } = await world.act('tara', {
    kind: 'evidence.read',
    reportId,
    lob: laneOf,
    documentId,
    revision,
  });
  const answer = await readEvidence(world.deps, { operationId, reportId, lob: laneOf, documentId, revision });
  return { answer, operationId };
}

const resultsOf = async (reportId: string) =>
  readLatestRecords(world.test.store.db, reportId, 'test-execution', laneOf);

async function ledgerOf(operationId: string) {
  const { db } = world.test.store;
  const entries = await db
    .selectFrom('ledger')
    .select(['kind', 'summary'])
    .where('operation_id', '=', operationId)
    .where('kind', 'like', 'evidence.%')
    .where('kind', '!=', 'evidence.read')
    .execute();
  const operation = await db
    .selectFrom('operations')
    .select('follow_up_done_at')
    .where('operation_id', '=', operationId)
    .executeTakeFirstOrThrow();
  return { entries, isDone: operation.follow_up_done_at !== null };
}

it('every seeded difference of the practice evidence is found, and no other', async () => {
  const { deps, test } = world;
  const seed = 20_261_120;
  const file = join(test.dir, 'practice.csv');
  writeFileSync(file, practiceCsv(practiceAccounts(seed)));
  const populationHash = 'c'.repeat(64);
  const { signal } = new AbortController();
  const input = { file, fileName: 'practice.csv', populationHash, keyColumn: 'ID', signal, onProgress: () => {} };
  expect(await deps.populations.import(input)).toMatchObject({ kind: 'ready' });
  const keys = practiceAccounts(seed).map(({ ID }) => ID);
  const expected = await deps.populations.rowsByKey(populationHash, 'ID', keys);
  const differing = [];
  for (const { lob, csv: evidence } of practiceEvidence(seed)) {
    writeFileSync(file, evidence);
    const own = keys.filter((key) => expected.get(key)?.['REGION'] === lob);
    const table = await deps.populations.lookUp(file, 'ID', own);
    if (table.kind !== 'found') throw new Error(table.message);
    const samples = own.map((itemKey) => ({ itemKey, attributes: table.columns }));
    const reading = readEvidenceTable(table, samples);
    expect(reading.values).toHaveLength(own.length * table.columns.length);
    differing.push(
      ...reading.values.filter(
        ({ itemKey, attribute, found }) => !sameValue(expected.get(itemKey)?.[attribute] ?? null, found),
      ),
    );
  }
  const seeded = practiceDifferences(seed).map(({ itemKey, attribute }) => actionKey(itemKey, attribute));
  expect(seeded.length).toBeGreaterThan(100);
  expect(differing.map(({ itemKey, attribute }) => actionKey(itemKey, attribute)).sort()).toEqual(seeded.toSorted());
});

describe('reading a document', () => {
  it('finds the seeded differences, all of them and no others', async () => {
    const reportId = await inLanes(world.test);
    const found = await foundValues(reportId);
    expect(found.length).toBe(4);
    const [first, second] = found as [Found, Found];
    first.LIMIT_BAL = '1';
    second.SEX = '';
    const document = await withDocument(world, reportId, laneOf, csv(found.toReversed()));
    const { answer, operationId } = await read(reportId, document);
    expect(answer).toEqual({
      ...{ kind: 'read', values: 8, samplesMissing: 0, samplesRepeated: 0, attributesMissing: 0, valuesTooLong: 0 },
    });
    const records = await resultsOf(reportId);
    expect(records).toHaveLength(8);
    const failed = records.filter(({ body }) => body['result'] === 'fail').map(({ recordKey }) => recordKey);
    expect(new Set(failed)).toEqual(new Set([actionKey(first.key, 'LIMIT_BAL'), actionKey(second.key, 'SEX')]));
    expect(records.find(({ recordKey }) => recordKey === actionKey(first.key, 'LIMIT_BAL'))).toMatchObject({
      ...{ revision: 1, actorId: 'tara', operationId },
      body: {
        ...{ expected: Number(first.key) * 10, found: '1', result: 'fail', locator: 'row 4', random: true },
        ...{ documentId: document.documentId, documentRevision: 2 },
      },
    });
    expect(await ledgerOf(operationId)).toEqual({
      isDone: true,
      entries: [
        {
          kind: 'evidence.values',
          summary: 'read 8 values of samples of lob 0 from "Extract": 2 differ, nothing is left to test',
        },
      ],
    });
  });

  it('leaves what was tested by hand as it is', async () => {
    const reportId = await inLanes(world.test);
    const found = await foundValues(reportId);
    const document = await withDocument(world, reportId, laneOf, csv(found));
    const [sample] = await samplesOf(world.test, reportId);
    const { itemKey = '', contentHash = '' } = sample ?? {};
    const { documentId, revision } = document;
    await world.act('tara', {
      ...{ kind: 'test.record', reportId, lob: laneOf },
      actions: [
        {
          ...{ itemKey, contentHash, attribute: 'SEX', found: 9, result: 'fail', notTestableReason: '', note: '' },
          ...{ evidence: { documentId, revision, locator: 'by hand' }, seenRevision: 0, reason: '' },
        },
      ],
    });
    expect((await read(reportId, document)).answer).toMatchObject({ kind: 'read', values: 7 });
    const records = await resultsOf(reportId);
    expect(records).toHaveLength(8);
    expect(records.find(({ recordKey }) => recordKey === actionKey(itemKey, 'SEX'))).toMatchObject({
      ...{ revision: 1, body: { found: 9, locator: 'by hand' } },
    });
  });

  it('leaves to people what the document does not say, counts it, and says so in the ledger', async () => {
    const reportId = await inLanes(world.test);
    const [first, second, third] = (await foundValues(reportId)) as [Found, Found, Found, Found];
    const lines = [first, second, second, third].map(({ key, SEX }) => `${key},${SEX}`);
    const document = await withDocument(world, reportId, laneOf, `ID,SEX\n${lines.join('\n')}\n`);
    const { answer, operationId } = await read(reportId, document);
    expect(answer).toMatchObject({
      ...{ kind: 'read', values: 2, samplesMissing: 1, samplesRepeated: 1, attributesMissing: 1 },
    });
    expect(await resultsOf(reportId)).toHaveLength(2);
    expect((await ledgerOf(operationId)).entries[0]?.summary).toBe(
      'read 2 values of samples of lob 0 from "Extract": 0 differ, 6 are left to test ' +
        '(it has no row of 1 sample; it has more than one row of 1 sample; it has no column LIMIT_BAL)',
    );
  });

  it.each<[string, string | Buffer, string]>([
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]), 'the file is not text'],
    ['a table without the key column', 'KEY,SEX\n1,2\n', 'the file has no column "ID"; it has KEY, SEX'],
    ['a table with uneven rows', 'ID,SEX\n1,2\n3\n', 'line 3: 1 fields instead of 2'],
  ])('that is %s ends in the ledger with the reason, and is not tried again', async (_name, content, reason) => {
    const reportId = await inLanes(world.test);
    const document = await withDocument(world, reportId, laneOf, content);
    const { answer, operationId } = await read(reportId, document);
    expect(answer).toEqual({ kind: 'unreadable' });
    const { entries, isDone } = await ledgerOf(operationId);
    expect(entries).toEqual([{ kind: 'evidence.unreadable', summary: expect.stringContaining(reason) as string }]);
    expect(isDone).toBe(true);
    expect(await resultsOf(reportId)).toEqual([]);
  });

  it('whose file is gone ends in the ledger too', async () => {
    const reportId = await inLanes(world.test);
    const document = await withDocument(world, reportId, laneOf, csv(await foundValues(reportId)));
    rmSync(join(world.test.dir, 'contents', document.fileHash));
    const { answer, operationId } = await read(reportId, document);
    expect(answer).toEqual({ kind: 'unreadable' });
    expect(await ledgerOf(operationId)).toMatchObject({
      isDone: true,
      entries: [{ summary: expect.stringContaining('is not on this worker any more') as string }],
    });
  });

  it('that is done again adds nothing', async () => {
    const reportId = await inLanes(world.test);
    const document = await withDocument(world, reportId, laneOf, csv(await foundValues(reportId)));
    const { operationId } = await read(reportId, document);
    const before = [await resultsOf(reportId), await ledgerOf(operationId)];
    await readEvidence(world.deps, { ...document, operationId, reportId, lob: laneOf });
    expect([await resultsOf(reportId), await ledgerOf(operationId)]).toEqual(before);
  });

  it('that was killed before its end is ended as what it was', async () => {
    const reportId = await inLanes(world.test);
    const { documentId, revision } = await withDocument(world, reportId, laneOf, csv(await foundValues(reportId)));
    const asked = { kind: 'evidence.read' as const, reportId, lob: laneOf, documentId, revision };
    const { operationId } = await world.act('tara', asked);
    const work = { operationId, reportId, lob: laneOf, documentId, revision };
    let looks = 0;
    const clock = () => {
      looks += 1;
      // The values are kept by then, the reading is not ended.
      if (looks === 2) throw new Error('killed');
      return world.deps.clock();
    };
    await expect(readEvidence({ ...world.deps, clock }, work)).rejects.toThrow('killed');
    expect(await resultsOf(reportId)).toHaveLength(8);
    expect((await ledgerOf(operationId)).isDone).toBe(false);
    await readEvidence(world.deps, work);
    expect(await ledgerOf(operationId)).toMatchObject({
      isDone: true,
      entries: [{ kind: 'evidence.values', summary: expect.stringContaining('read 8 values') as string }],
    });
    expect(await resultsOf(reportId)).toHaveLength(8);
  });

  it('finds the rows by the key of the plan, also when its file was imported again with another one', async () => {
    const { test } = world;
    const reportId = await atOwners(test, ['data-owner-id']);
    const planId = await withPlan(test, reportId, { lobColumn: 'LOB' });
    const version = await drawn(test, reportId, planId, { rows: drawnRows(12) });
    const populationHash = testPopulationHash;
    const { operationId } = await world.act('tara', {
      ...{ kind: 'population.import', reportId, fileHash: populationHash, fileSize: 9, fileName: 'again.csv' },
      keyColumn: 'SEX',
    });
    const state = { ...readyPopulation(30_000), keyColumn: 'SEX' };
    await recordPopulation(test.store, { operationId, reportId, populationHash, state }, test.clock);
    await reviewed(test, version);
    await advance(test, reportId);
    const document = await withDocument(world, reportId, laneOf, csv(await foundValues(reportId)));
    expect((await read(reportId, document)).answer).toMatchObject({ kind: 'read', values: 4 * scope.length });
  });
});
