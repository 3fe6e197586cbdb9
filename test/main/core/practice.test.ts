// The practice data: the same seed makes the same files, and the evidence differs from the population exactly where its list says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  findPracticeEvidence,
  practiceDifferences,
  practiceEvidence,
  writePracticeFiles,
} from '../../../main/core/imports/practice-evidence.ts';
import {
  practiceAccounts,
  practiceCsv,
  practiceCycle,
  practiceRegions,
  practiceSeed,
} from '../../../main/core/imports/practice.ts';
import { operationBodySchema } from '../../../domain/operation.ts';
import { practicePeople } from '../../../domain/people.ts';
import { temporaryFolder } from './core-world.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const reportId = 'report-practice-1';
const seed = practiceSeed(reportId);

/** Rows by ID, read without any code of the generator. */
function rowsOf(csv: string | Uint8Array): Map<string, Record<string, string>> {
  const [header = '', ...lines] = Buffer.from(csv).toString('utf8').trimEnd().split('\r\n');
  const names = header.split(',');
  return new Map(
    lines.map((line) => {
      const values = line.split(',');
      expect(values).toHaveLength(names.length);
      return [values[0] ?? '', Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))];
    }),
  );
}

describe('practice data', () => {
  const population = rowsOf(practiceCsv(practiceAccounts(seed)));

  test('has 1,200 accounts with different keys, a region each, and some untidiness for profiling to find', () => {
    expect(population.size).toBe(1_200);
    const rows = [...population.values()];
    expect(new Set(rows.map((row) => row['REGION']))).toEqual(new Set(practiceRegions));
    expect(rows.some((row) => row['RISK_GRADE'] === '')).toBe(true);
    expect(rows.some((row) => (row['REVIEWED'] ?? '') < (row['OPENED'] ?? ''))).toBe(true);
    expect(rows.filter((row) => row['RISK_GRADE'] === '').length).toBeLessThan(40);
  });

  test('is the same for the same report and another one for another', () => {
    expect(practiceEvidence(practiceSeed(reportId))).toEqual(practiceEvidence(seed));
    expect(practiceCsv(practiceAccounts(seed))).toEqual(practiceCsv(practiceAccounts(practiceSeed(reportId))));
    const other = practiceSeed('report-practice-2');
    expect(practiceCsv(practiceAccounts(other))).not.toEqual(practiceCsv(practiceAccounts(seed)));
    expect(practiceDifferences(other)).not.toEqual(practiceDifferences(seed));
  });

  test('has evidence of every row of a region, which differs exactly where the list says', () => {
    const found = practiceEvidence(seed).flatMap(({ lob, csv }) =>
      [...rowsOf(csv)].flatMap(([itemKey, row]) => {
        expect(row['REGION']).toBe(lob);
        const expected = population.get(itemKey) ?? {};
        return Object.keys(row)
          .filter((attribute) => row[attribute] !== expected[attribute])
          .map((attribute) => ({
            ...{ lob, itemKey, attribute },
            ...{ expected: expected[attribute] ?? '', found: row[attribute] ?? '' },
          }));
      }),
    );
    const byPlace = (left: { itemKey: string; attribute: string }, right: { itemKey: string; attribute: string }) =>
      left.itemKey.localeCompare(right.itemKey) || left.attribute.localeCompare(right.attribute);
    expect(found.sort(byPlace)).toEqual(practiceDifferences(seed).sort(byPlace));
    expect(practiceEvidence(seed).reduce((sum, { csv }) => sum + rowsOf(csv).size, 0)).toBe(1_200);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'has, for seed %i, differences in three regions and none in the fourth, never in the key or the region',
    (any) => {
      const differences = practiceDifferences(any);
      const lobs = new Map(practiceRegions.map((lob) => [lob, differences.filter((row) => row.lob === lob).length]));
      expect(lobs.get('South')).toBe(0);
      for (const lob of ['North', 'East', 'West'] as const) expect(lobs.get(lob)).toBeGreaterThan(30);
      expect(differences.some(({ attribute }) => attribute === 'ID' || attribute === 'REGION')).toBe(false);
      expect(differences.every(({ expected, found }) => expected !== found && expected !== '')).toBe(true);
    },
  );

  test('lies in a folder of its report, and the evidence is found there by region', () => {
    const dir = join(folder.path, 'practice');
    const path = writePracticeFiles(dir, reportId, seed);
    expect(rowsOf(readFileSync(path)).size).toBe(1_200);
    const north = findPracticeEvidence(dir, reportId, 'North');
    expect(north).toEqual({ path: join(dir, reportId, 'evidence-north.csv'), fileName: 'evidence-north.csv' });
    expect([...rowsOf(readFileSync(north?.path ?? '')).values()].every((row) => row['REGION'] === 'North')).toBe(true);
    expect(findPracticeEvidence(dir, reportId, 'Nowhere')).toBeNull();
    expect(findPracticeEvidence(dir, 'report-of-a-team', 'North')).toBeNull();
  });
});

test('a practice cycle is one that the contract takes, with every practice identity in a role that it has', () => {
  const cycle = practiceCycle('2026-11-25');
  expect(operationBodySchema.parse(cycle)).toEqual(cycle);
  const assignments = cycle.reports.flatMap((report) => report.assignments);
  expect(assignments.map(({ personId }) => personId).sort()).toEqual(
    practicePeople.map(({ personId }) => personId).sort(),
  );
  for (const { personId, role } of assignments) {
    expect(practicePeople.find((person) => person.personId === personId)?.roles, personId).toContain(role);
  }
});
