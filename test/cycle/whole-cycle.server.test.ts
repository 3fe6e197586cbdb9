// A whole cycle over the credit card accounts, line of business by EDUCATION, from the file to the signed report, through the contract.
// Its figures are recomputed from the raw file and the exported ledger by recompute.ts, which imports nothing of the product.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestRow } from '../../preload/contract.ts';
import { temporaryFolder } from '../main/core/core-world.ts';
import {
  importPopulation,
  itemsOf,
  lobsOf,
  parts,
  phaseWhen,
  runDocuments,
  runOwners,
  runProposed,
  runReport,
  runSample,
  runTesting,
  scopeTo,
  settled,
  startCycle,
} from './cycle-driver.ts';
import { attributeFigures, brokenEntry, countBy, redrawn, rejectionsByReason, rowsOf } from './recompute.ts';
import type { ExportedLedger, Row } from './recompute.ts';
import { startSoloWorld } from './solo-world.ts';
import type { SoloWorld } from './solo-world.ts';

const accounts = fileURLToPath(new URL('../../../shared/data/credit-card-accounts.csv', import.meta.url));
const seed = '20261125';
const risk = 0.05;
const tolerable = 0.05;
const inScope = ['LIMIT_BAL', 'AGE', 'PAY_AMT1', 'Default'];
const lobColumn = 'EDUCATION';
/** What the evidence gets wrong: how many cells of which attribute. Samples are taken from the front of the largest strata. */
const seededDifferences = { LIMIT_BAL: 2, AGE: 1 } as const;

let solo: SoloWorld;
const folder = temporaryFolder();
beforeAll(async () => {
  solo = await startSoloWorld();
});
afterAll(async () => {
  await solo.close();
  folder.remove();
});

interface Difference {
  itemKey: string;
  attribute: string;
}

/** The rows of a line of business as its data owner would extract them, with the named cells changed. */
function evidence(rows: readonly Row[], lob: string, wrong: readonly Difference[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = rows
    .filter((row) => row[lobColumn] === lob)
    .map((row) =>
      names.map((name) =>
        wrong.some((one) => one.itemKey === row['ID'] && one.attribute === name) ? Number(row[name]) + 1 : row[name],
      ),
    );
  const file = join(folder.path, `extract-${lob}.csv`);
  writeFileSync(file, `${[names, ...lines].map((cells) => cells.join(',')).join('\n')}\n`);
  return file;
}

const differenceOf = ({ itemKey, attribute }: Difference): string => `${itemKey} ${attribute}`;

test('a report goes from its population to a signed report, and an outsider comes to the same figures', async (context) => {
  context.skip(!existsSync(accounts), `${accounts} is not there`);
  const { driver } = solo;
  const raw = rowsOf(readFileSync(accounts, 'utf8'));
  const strata = countBy(raw, (row) => row[lobColumn] as string);

  const { reportId } = await startCycle(driver, {
    name: 'Credit card accounts',
    lobs: { kind: 'column', column: lobColumn },
  });
  const population = await importPopulation(driver, reportId, accounts, 'ID');
  await runProposed(driver, { reportId, phase: 'planning' }, parts.second);
  await runProposed(driver, { reportId, phase: 'data-profiling' }, parts.owner);
  await runProposed(driver, { reportId, phase: 'scoping' }, parts.owner, scopeTo(inScope, 'of the credit decision'));
  expect((await lobsOf(driver, reportId)).toSorted()).toEqual([...strata.keys()].toSorted());

  const [, sampled] = await Promise.all([
    runOwners(driver, reportId),
    runSample(
      driver,
      reportId,
      { populationHash: population.populationHash, keyColumn: 'ID', lobColumn, risk, tolerable, expected: 0, seed },
      {
        decide: ({ position }) =>
          position < 2
            ? { verdict: 'rejected', reasonCode: position === 0 ? 'duplicate' : 'too-costly' }
            : { verdict: 'approved' },
      },
    ),
  ]);

  const samples = await itemsOf(driver, parts.tester, sampled);
  const wrong: Difference[] = Object.entries(seededDifferences).flatMap(([attribute, count], at) =>
    samples.slice(10 + at * 5, 10 + at * 5 + count).map(({ itemKey }) => ({ itemKey, attribute })),
  );
  const tested: TestRow[] = [];
  for (const lob of await lobsOf(driver, reportId)) {
    const documentId = await runDocuments(driver, reportId, lob, evidence(raw, lob, wrong));
    tested.push(...(await runTesting(driver, reportId, lob, documentId)));
    const place = { reportId, phase: 'observations' as const, lob };
    const { state } = await phaseWhen(driver, parts.tester, place, ({ state: { state } }) => state !== 'not-started');
    if (state.state === 'skipped') continue;
    await runProposed(driver, place, parts.owner);
    await phaseWhen(driver, parts.tester, place, settled);
  }

  // The seeded differences are found, all of them and no others.
  expect(tested).toHaveLength(samples.length * inScope.length);
  const failed = tested.filter((row) => row.result !== 'pass');
  expect(failed.map(differenceOf).toSorted()).toEqual(wrong.map(differenceOf).toSorted());

  const signed = await runReport(driver, reportId);
  const { version } = await driver.until(parts.lead, async () => {
    const detail = await driver.ask(parts.lead, 'version:get', { versionId: signed });
    return detail.version.status === 'approved' && detail;
  });
  expect(version.signOffs.map(({ role, actorId, meaning }) => ({ role, actorId, meaning }))).toEqual([
    { role: 'test-lead', actorId: parts.lead, meaning: 'reviewed' },
    { role: 'report-owner', actorId: parts.owner, meaning: 'acknowledged' },
  ]);

  // From here on everything is worked out from the raw file and the exported ledger.
  const { json } = await driver.until(parts.lead, async () => {
    const result = await driver.attempt(parts.lead, 'ledger:export', { reportId });
    return result.ok && result.value;
  });
  const exported = JSON.parse(json) as ExportedLedger;
  expect(brokenEntry(exported)).toBeNull();
  expect(exported.populations.map(({ populationHash }) => populationHash)).toEqual([
    createHash('sha256').update(readFileSync(accounts)).digest('hex'),
  ]);
  const drawn = redrawn(raw, exported);
  expect(exported.plans.at(-1)?.sampleSize).toBe(drawn.size);
  expect(samples.map(({ itemKey }) => itemKey).toSorted()).toEqual([...drawn.keys].toSorted());
  const report = exported.versions.findLast(({ phase }) => phase === 'test-report');
  const sections = new Map(report?.items.map((item) => [item.itemKey, item.body]));
  const figures = attributeFigures(raw, exported);
  expect([...figures.keys()].toSorted()).toEqual(inScope.toSorted());
  for (const [attribute, expected] of figures) {
    expect(sections.get(`attribute/${attribute}`)).toMatchObject({ ...expected, untested: 0 });
    expect(expected.deviations).toBe(wrong.filter((one) => one.attribute === attribute).length);
  }
  expect(rejectionsByReason(exported)).toEqual(
    new Map([
      ['duplicate', 1],
      ['too-costly', 1],
    ]),
  );
  expect(sections.get('rejections')).toMatchObject({ rejections: 2, replaced: 1, kept: 1, 'reason: duplicate': 1 });
  const rules = exported.versions.findLast(({ phase }) => phase === 'data-profiling')?.items;
  for (const attribute of ['AGE', 'LIMIT_BAL']) {
    const filled = raw.filter((row) => row[attribute] !== '').length;
    const rule = rules?.find(({ itemKey }) => itemKey === `completeness:${attribute}`);
    expect(rule?.body).toMatchObject({ checked: raw.length, passed: filled, exceptions: raw.length - filled });
  }
}, 600_000);
