// Planning and drawing from the laptop: per line of business or over the whole, targeted rows, and what is refused beforehand.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../../../domain/change.ts';
import type { OperationBody } from '../../../domain/operation.ts';
import type { RecordedPlan } from '../../../domain/sample-plan.ts';
import { handlersFor } from '../../../main/core/commands/commands.ts';
import type { Core } from '../../../main/core/core.ts';
import { CommandFailure } from '../../../main/core/failure.ts';
import type { Session } from '../../../main/core/session.ts';
import { commands } from '../../../preload/contract.ts';
import type { CommandInput, Failure } from '../../../preload/contract.ts';
import { coreOn, temporaryFolder } from './core-world.ts';
import { lane, phaseLine, regionPopulation, reportId, reportPage, runningReport } from './running-report.ts';

let folder = temporaryFolder();
let core: Core;
let tara: Session;
beforeEach(() => {
  folder = temporaryFolder();
  core = coreOn(folder.path);
  tara = core.session('tara');
});
afterEach(async () => {
  await core.close();
  folder.remove();
});

const selecting: Partial<Report> = {
  phases: [phaseLine('sample-selection', null, 'in-work')],
  lobs: [lane('North', { rows: 100, samples: null }), lane('South', { rows: 1_100, samples: null })],
};
function pulled(report: Partial<Report> = selecting, plans: RecordedPlan[] = []): void {
  tara.cache.applyPage(
    reportPage([
      { kind: 'report', report: runningReport(report) },
      { kind: 'population', population: regionPopulation() },
      ...plans.map((plan) => ({ kind: 'plan' as const, plan })),
    ]),
  );
}
const request = {
  ...{ reportId, populationHash: 'a'.repeat(64), keyColumn: 'ID', lobColumn: 'REGION' },
  ...{ risk: 0.05, tolerable: 0.05, expected: 0 },
};
const plan = (over: Partial<CommandInput<'sample:plan'>> = {}) =>
  handlersFor({ core, session: tara })['sample:plan'](commands['sample:plan'].input.parse({ ...request, ...over }));
const draw = (over: Partial<CommandInput<'sample:draw'>> = {}) =>
  handlersFor({ core, session: tara })['sample:draw'](
    commands['sample:draw'].input.parse({ reportId, planId: 'plan-0001', ...over }),
  );
const queued = (): OperationBody[] =>
  tara.outbox.nextBatches({ limit: 10 }).flatMap(({ operations }) => operations.map(({ operation }) => operation.body));

function failureOf(act: () => unknown): Failure {
  try {
    act();
  } catch (error) {
    if (error instanceof CommandFailure) return error.failure;
    throw error;
  }
  throw new Error('it was queued');
}
function recorded(planId: string, lob: string | null, versionId: string | null): RecordedPlan {
  const { reportId: _, ...asked } = request;
  return {
    ...{ planId, reportId, versionId, populationSize: 1_200, method: 'hypergeometric', sampleSize: 57 },
    request: { ...asked, lob, sampleSize: null, seed: '1', seedOrigin: 'given' },
    ...{ acceptableDeviations: 0, binomialCheck: null, generator: 'g', algorithm: 'a' },
    ...{ recordedBy: 'tara', recordedAt: '2026-11-25T08:00:00.000Z' },
  };
}

describe('a plan', () => {
  test('for a line of business has the size that its own rows need', async () => {
    pulled();
    expect(await plan({ lob: 'North', seed: 7 })).toMatchObject({ sampleSize: 45, seed: '7' });
    expect(queued()).toMatchObject([
      { kind: 'sample.plan', request: { lob: 'North', seed: '7', seedOrigin: 'given' } },
    ]);
  });

  test.each([
    ['a line that is not there', { lob: 'East' }, 'lob'],
    ['another column than the report is divided by', { lobColumn: 'ID' }, 'lobColumn'],
    ['no column, though the report is divided', { lobColumn: null }, 'lobColumn'],
  ])('that names %s is refused at its field', (_, over, path) => {
    pulled();
    expect(failureOf(() => plan(over))).toMatchObject({ kind: 'bad-input', fields: [{ path }] });
    expect(queued()).toEqual([]);
  });

  test('is refused while samples are not selected, and says what is open', () => {
    pulled({
      ...selecting,
      phases: [phaseLine('scoping', null, 'in-review'), phaseLine('sample-selection', null, 'not-started')],
    });
    const failure = failureOf(() => plan());
    expect(failure).toMatchObject({ kind: 'refused', details: 'out-of-turn' });
    expect(failure.message).toContain('open now: Scoping');
  });
});

describe('a draw', () => {
  test('carries the targeted rows with their reasons', async () => {
    pulled(selecting, [recorded('plan-0001', null, null)]);
    const targeted = [{ itemKey: '10007', reason: 'its grade is blank' }];
    await draw({ targeted });
    expect(queued()).toEqual([{ kind: 'sample.draw', reportId, planId: 'plan-0001', redrawReason: null, targeted }]);
  });

  test('that picks a row twice is refused at the second', () => {
    pulled(selecting, [recorded('plan-0001', null, null)]);
    const targeted = ['10007', '10008', '10007'].map((itemKey) => ({ itemKey, reason: 'odd' }));
    expect(failureOf(() => draw({ targeted })).fields).toMatchObject([{ path: 'targeted.2.itemKey' }]);
  });

  test('after another of the same line needs a reason; one of another line does not', async () => {
    const before = [recorded('plan-0000', 'North', 'version-1'), recorded('plan-0001', 'North', null)];
    pulled(selecting, [...before, recorded('plan-0002', 'South', null)]);
    expect(failureOf(() => draw()).fields).toMatchObject([{ path: 'redrawReason' }]);
    await draw({ planId: 'plan-0002' });
    await draw({ redrawReason: 'the file was cut' });
    expect(queued()).toHaveLength(2);
  });
});
