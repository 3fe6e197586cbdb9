// Fault l of mission.md, as far as it goes now: nothing that decides, reads or routes asks chance. The progressive reads of a
// migration (mission.md, row 26), which have to be sticky, are not built yet.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { operationBodySchema, targetOf } from '../../domain/operation.ts';
import type { OperationBody } from '../../domain/operation.ts';
import { proposeAttributes } from '../../domain/planning.ts';
import { proposeRules } from '../../domain/rule-proposals.ts';
import { proposeScoping } from '../../domain/scoping.ts';
import { drawPlan, drawReplacements } from '../../worker/activities/sample-draw.ts';
import { readFlow } from '../../worker/store/phase-line.ts';
import { currentVersion, readVersionItems } from '../../worker/store/version-rows.ts';
import { inReview, openTestStore, readyPopulation, reviewed } from '../builders.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['domain', 'worker', 'main/core', 'renderer'];

/** Where chance may be asked, and for what. */
const named: Readonly<Record<string, string>> = {
  'main/core/sync/loop.ts': 'how long a laptop waits before it tries again',
  'renderer/bridge.ts': 'how long a page waits before it tries again, and the name of a transfer',
  'main/core/commands/population.ts':
    'the seed of a sample, which is recorded before any row is shown, and the id of its plan',
  'worker/content/content-store.ts': 'the name of a file that is not whole yet',
  'worker/population/population-store.ts': 'the name of a file that is not whole yet',
};
const chance = /\bMath\.random\b|\brandom(Bytes|Int|FillSync|Fill)\b|\bgetRandomValues\b/u;
/** Ids of what is new are made by the laptop; the server's side makes none. */
const newId = /\brandomUUID\b/u;

function asksChance(file: string): boolean {
  const source = readFileSync(root + file, 'utf8');
  return chance.test(source) || (!file.startsWith('main/') && newId.test(source));
}

/** The answers to a question that is asked as often as this differ when chance has a say. */
const often = 40;
async function answersTo(ask: () => unknown): Promise<Set<string>> {
  const answers = new Set<string>();
  for (let time = 0; time < often; time += 1) answers.add(JSON.stringify(await ask()));
  return answers;
}

describe('l: nothing is decided, read or routed by chance', () => {
  it('the sources ask chance in the named places only', () => {
    const files = folders.flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
        .filter((file) => /\.tsx?$/u.test(file)),
    );
    expect(files.length).toBeGreaterThan(200);
    expect(files.filter(asksChance).sort()).toEqual(Object.keys(named).sort());
  });

  it('the same question to the store has the same answer, each time', async () => {
    const test = await openTestStore();
    for (const reportId of ['report-0001', 'report-0002']) {
      const { version } = await inReview(test, { items: 3, reportId });
      await reviewed(test, version);
      const { db } = test.store;
      const current = () => currentVersion(db, reportId, 'sample-selection', null);
      expect((await current())?.versionId).toBe(version.versionId);
      expect((await answersTo(current)).size).toBe(1);
      expect((await answersTo(() => readVersionItems(db, version.versionId))).size).toBe(1);
      expect((await answersTo(() => readFlow(db, reportId, null))).size).toBe(1);
    }
    await test.close();
  });

  it('every operation of a report goes to the one workflow of that report', () => {
    const kinds = operationBodySchema.options.map((option) => option.shape.kind.value);
    const ids = { reportId: 'report-0001', cycleId: 'cycle-0001', deviceId: 'device-0001' };
    for (const kind of kinds) {
      const body = { kind, ...ids } as unknown as OperationBody;
      const [to, ...others] = Array.from({ length: often }, () => targetOf(body));
      expect(new Set([to, ...others].map((target) => JSON.stringify(target))).size, kind).toBe(1);
      const whole = kind.startsWith('cycle.') ? 'cycle' : kind.startsWith('device.') ? 'device' : 'report';
      expect(to, kind).toEqual({ kind: whole, id: `${whole}-0001` });
    }
  });

  it('the same plan draws the same rows, and the same ones in their place', async () => {
    const request = {
      ...{ populationHash: 'a'.repeat(64), keyColumn: 'ID', lobColumn: 'LOB', lob: null },
      ...{ risk: 0.05, tolerable: 0.05, expected: 0, sampleSize: null, seed: '20261120', seedOrigin: 'given' as const },
    };
    const population = {
      strata: async () => [
        { name: 'cards', count: 300 },
        { name: 'loans', count: 40 },
      ],
      rowsAt: async (_hash: string, _key: string, _lob: string | null, lob: string | null, at: readonly number[]) =>
        at.map((position) => ({ position, itemKey: `${lob}-${position}`, body: { ID: position } })),
    };
    const plan = { request, sampleSize: 20 };
    const drawn = await answersTo(async () => (await drawPlan(population, plan)).rows);
    expect(drawn.size).toBe(1);
    const wanted = [{ position: 3, stratum: 'cards' }];
    const replaced = await answersTo(async () => [
      ...(await drawReplacements(population, plan, wanted, new Map([['cards', 18]]), new Set())),
    ]);
    expect(replaced.size).toBe(1);
  });

  it('the same profile is proposed the same', async () => {
    const { columns, rowCount, keyColumn } = readyPopulation(1_000);
    const attributes = () => proposeAttributes(columns, rowCount, keyColumn);
    const rules = () => proposeRules({ columns, rowCount, keyColumn, shapes: [], attributes: attributes() });
    const ran = () => rules().map((rule) => ({ ...rule, exceptions: 1, fault: '' }));
    expect((await answersTo(attributes)).size).toBe(1);
    expect((await answersTo(rules)).size).toBe(1);
    expect((await answersTo(() => proposeScoping(attributes(), ran()))).size).toBe(1);
    expect(rules().length).toBeGreaterThan(0);
  });
});
