// What a test report says: every fact of the cycle has its section, figures stand in fields, and nothing that happened is left out.
import { describe, expect, it } from 'vitest';
import { actionKey } from '../../domain/audit-record.ts';
import type { TestResult } from '../../domain/audit-record.ts';
import type { LobState, PhaseState, Report } from '../../domain/change.ts';
import type { ReasonCode } from '../../domain/decision.ts';
import { phases } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { itemFieldsSchema } from '../../domain/phase-item.ts';
import type { Population } from '../../domain/population.ts';
import type { DrawnVersion, ReportFacts, ReportItem, VersionWithItems } from '../../domain/report-facts.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import { assembleReport } from '../../domain/test-report.ts';
import type { ItemBody, ItemOrigin, ItemSource, Version } from '../../domain/version.ts';

const at = '2026-11-21T08:00:00.000Z';
const hash = (letter: string) => letter.repeat(64);

function version(phase: PhaseSlug, lob: string | null, more: Partial<Version> = {}): Version {
  const versionId = `v-${phase}-${lob ?? 'whole'}-${more.number ?? 1}`;
  return {
    ...{ versionId, cycleId: 'cycle-1', reportId: 'report-1', phase, lob, number: 1, status: 'approved' },
    ...{ reviewVerdict: null, parentVersionId: null, masterRecordId: versionId, revision: 0, authorId: 'tara' },
    ...{ createdAt: at, reviewedBy: null, reviewedAt: null, reviewNote: null, itemCount: 0, signOffs: [] },
    counts: { total: 0, pending: 0, approved: 0, rejected: 0, disputed: 0 },
    summary: { itemsHash: hash('9') },
    workflow: { workflowId: 'report/report-1', runId: 'run', stepId: 'step', activityName: 'activity' },
    ...more,
  };
}

function item(itemKey: string, body: ItemBody, more: Partial<ReportItem> = {}): ReportItem {
  return {
    ...{ itemKey, body, source: { kind: 'proposed' }, origin: { kind: 'new' }, verdict: 'approved', decision: null },
    ...more,
  };
}

const random = (drawPosition: number, stratum: string | null = null): ItemSource => ({
  ...{ kind: 'random', drawPosition, stratum },
});
const rejected = (reasonCode: ReasonCode, note = ''): ReportItem['decision'] => ({
  ...{ verdict: 'rejected', reasonCode, note, actorId: 'olga', decidedAt: at },
});

const population: Population = {
  ...{ populationHash: hash('a'), reportId: 'report-1', fileName: 'accounts.csv', fileSize: 4_096 },
  ...{ importedBy: 'tara', importedAt: at },
  state: {
    ...{ kind: 'ready', rowCount: 30_000, delimiter: ',', encoding: 'UTF-8', keyColumn: 'ID', warnings: [] },
    columns: ['ID', 'LOB', 'AMOUNT', 'RATE'].map((name) => ({
      ...{ name, type: 'text', nulls: 0, blanks: 0, distinct: 9, min: null, max: null, examples: [], frequent: [] },
      ...{ percentiles: [], key: { unique: false, duplicates: [], blankRows: [] } },
    })),
  },
};

function plan(lob: string | null, populationSize = 30_000): RecordedPlan {
  return {
    ...{ planId: `plan-${lob ?? 'whole'}`, reportId: 'report-1', populationSize, method: 'hypergeometric' },
    ...{ sampleSize: 4, acceptableDeviations: 0, binomialCheck: { sampleSize: 59, acceptableDeviations: 0 } },
    ...{ generator: 'sha256-counter', algorithm: 'countersign-draw-1', recordedBy: 'tara', recordedAt: at },
    versionId: null,
    request: {
      ...{ populationHash: hash('a'), keyColumn: 'ID', lobColumn: lob === null ? 'LOB' : null, lob },
      ...{ risk: 0.05, tolerable: 0.05, expected: 0, sampleSize: null, seed: '42', seedOrigin: 'given' },
    },
  };
}

const line = (phase: PhaseSlug, lob: string | null, more: Partial<PhaseState> = {}): PhaseState => ({
  ...{ phase, lob, state: 'completed', outcome: 'approved', reason: '', versionId: null, since: at, openedAt: at },
  ...{ dueAt: null, remindAt: null, remindedAt: null, expiredAt: null, waitingFor: [] },
  ...more,
});
const lane = (lob: string, rows: number, more: Partial<LobState> = {}): LobState => ({
  ...{ lob, status: 'finished', reason: '', rows, samples: 2, withoutSamples: null, deviations: 0 },
  ...more,
});

const lobs = ['Cards', 'Trust'];
const report: Report = {
  ...{ reportId: 'report-1', cycleId: 'cycle-1', name: 'Credit card accounts', dueAt: null, assignments: [] },
  phases: phases.flatMap(({ slug, scope }) =>
    scope === 'lob' ? lobs.map((lob) => line(slug, lob)) : [line(slug, null)],
  ),
  lobSource: { kind: 'column', column: 'LOB' },
  lobs: [lane('Cards', 20_000), lane('Trust', 10_000)],
  ...{ skips: [], deadlines: [], paused: null, ended: null, problem: null, redraws: 0 },
};

/** Keys 1 and 2 are of Cards, 3 and 4 of Trust; 5 is a targeted one of Trust. */
const rows = [1, 2, 3, 4, 5].map((key) => ({ key: String(key), lob: key < 3 ? 'Cards' : 'Trust' }));
const sampleItems: ReportItem[] = rows.map(({ key, lob }, index) =>
  item(
    key,
    { ID: Number(key), LOB: lob, AMOUNT: 100, RATE: 5 },
    { source: key === '5' ? { kind: 'targeted', reason: 'looks odd' } : random(index + 1, lob) },
  ),
);
const strata = lobs.map((stratum, index) => ({
  ...{ generator: 'g', algorithm: 'a', keyOrder: 'k', seed: '42', stratum, subSeed: hash(String(index)) },
  ...{ populationSize: index === 0 ? 20_000 : 10_000, sampleSize: 2, weight: index === 0 ? 2 / 3 : 1 / 3 },
}));
const sample: DrawnVersion = {
  version: version('sample-selection', null, { summary: { itemsHash: hash('9'), strata } }),
  items: sampleItems,
  plan: plan(null),
  redrawReason: null,
};

const tests = (lob: string, results: Record<string, TestResult>): VersionWithItems => ({
  version: version('test-execution', lob),
  items: rows
    .filter((row) => row.lob === lob)
    .flatMap(({ key }) =>
      ['AMOUNT', 'RATE'].map((attribute) => {
        const recordKey = actionKey(key, attribute);
        return item(recordKey, { itemKey: key, attribute, result: results[recordKey] ?? 'pass' });
      }),
    ),
});

const observation = (lob: string, attribute: string, more: Partial<ReportItem> = {}): ReportItem =>
  item(
    attribute,
    {
      ...{ attribute, lob, title: `${attribute} deviates`, rating: 'high', text: 'the draft as edited' },
      ...{ recommendation: 'correct it', tested: 2, deviations: 1, notTestable: 0, sampleKeys: '1' },
    },
    more,
  );

function facts(more: Partial<ReportFacts> = {}): ReportFacts {
  return {
    report,
    cycleName: 'Cycle 2026 Q4',
    people: new Map([
      ['tara', 'Tara Tester'],
      ['olga', 'Olga Owner'],
      ['lena', 'Lena Lead'],
      ['mara', 'Mara Manager'],
    ]),
    population,
    current: [
      {
        version: version('planning', null),
        items: ['AMOUNT', 'RATE', 'LOB'].map((attribute) => item(attribute, { attribute })),
      },
      {
        version: version('data-profiling', null),
        items: [
          item('range/AMOUNT', { passRate: 0.999, exceptions: 30, fault: '' }),
          item('completeness/RATE', { passRate: 1, exceptions: 0, fault: '' }),
        ],
      },
      {
        version: version('scoping', null),
        items: [
          item('AMOUNT', { attribute: 'AMOUNT', inScope: true, rationale: 'money', criticalDataElement: true }),
          item('RATE', { attribute: 'RATE', inScope: true, rationale: 'price', criticalDataElement: false }),
          item('LOB', { attribute: 'LOB', inScope: false, rationale: 'a label', criticalDataElement: false }),
        ],
      },
      { version: sample.version, items: sample.items },
      tests('Cards', { '1/AMOUNT': 'fail' }),
      tests('Trust', { '5/AMOUNT': 'fail', '4/RATE': 'not-testable' }),
      {
        version: version('request-info', 'Cards'),
        items: [
          item('document-1', {
            ...{ title: 'Extract', fileName: 'cards.csv', fileHash: hash('d'), fileSize: 9, state: 'accepted' },
            ...{ effectiveDate: '2026-09-30', submittedBy: 'dana', submission: 2, note: '' },
          }),
        ],
      },
      { version: version('observations', 'Cards'), items: [observation('Cards', 'AMOUNT')] },
    ],
    drawn: [sample],
    expired: [],
    ledger: { length: 77, hash: hash('f') },
    ...more,
  };
}

function bodiesOf(of: ReportFacts): Record<string, ItemBody> {
  return Object.fromEntries(assembleReport(of).map(({ itemKey, body }) => [itemKey, body]));
}
function sectionOf(of: ReportFacts, key: string): ItemBody {
  const body = bodiesOf(of)[key];
  if (!body) throw new Error(`no section ${key}`);
  return body;
}

describe('a report', () => {
  it('has its sections in a fixed order under stable keys', () => {
    expect(assembleReport(facts()).map(({ itemKey }) => itemKey)).toEqual([
      ...['summary', 'scope', 'population', 'sample', 'profiling', 'attribute/AMOUNT', 'attribute/RATE'],
      ...['lob/Cards', 'lob/Trust', 'observations', 'observation/Cards/AMOUNT', 'disputed', 'rejections', 'redraws'],
      ...['skipped', 'deadlines', 'documents', 're-performance'],
    ]);
  });

  it('sums up what was tested and what came of it', () => {
    expect(sectionOf(facts(), 'summary')).toMatchObject({
      ...{ report: 'Credit card accounts', cycle: 'Cycle 2026 Q4', attributesInScope: 2, linesOfBusiness: 2 },
      ...{ randomSamples: 4, targetedSamples: 1, testActions: 10, deviations: 3, notTestable: 1 },
      ...{ conclusionsSupported: 0, conclusionsNotSupported: 2, observations: 1, disputed: 0, rejections: 0 },
    });
  });

  it('says what was in scope, what was not and why', () => {
    expect(sectionOf(facts(), 'scope')).toMatchObject({
      ...{ attributesInScope: 2, attributesOutOfScope: 1, coverage: 0.666667, inScope: 'AMOUNT, RATE' },
      ...{ outOfScope: 'LOB', 'out of scope: LOB': 'a label', criticalDataElements: 1, criticalInScope: 1 },
    });
  });

  it('names the population, the plan and the strata, so that the sample can be drawn again', () => {
    expect(sectionOf(facts(), 'population')).toMatchObject({
      ...{ fileName: 'accounts.csv', sha256: hash('a'), rows: 30_000, keyColumn: 'ID', importedBy: 'Tara Tester' },
    });
    expect(sectionOf(facts(), 'sample')).toMatchObject({
      ...{ random: 4, targeted: 1, method: 'hypergeometric', sampleSize: 4, seed: '42', risk: 0.05 },
      ...{ generator: 'sha256-counter', algorithm: 'countersign-draw-1', 'targeted: 5': 'looks odd' },
      ...{ 'stratum Cards: rows': 20_000, 'stratum Cards: samples': 2, 'stratum Cards: weight': 0.666667 },
      'stratum Trust: sub-seed': hash('1'),
    });
  });

  it('shows the profiling rules with pass rates and exceptions', () => {
    expect(sectionOf(facts(), 'profiling')).toMatchObject({
      ...{ rules: 2, rulesWithExceptions: 1, exceptions: 30, rulesNotRun: 0 },
      ...{ 'range/AMOUNT: pass rate': 0.999, 'range/AMOUNT: exceptions': 30, 'completeness/RATE: pass rate': 1 },
    });
  });

  it('says so when the rules were run on another population than the sampled one', () => {
    const given = facts();
    const profiled = given.current.find(({ version: { phase } }) => phase === 'data-profiling');
    const onOther = (populationHash: string) => ({
      ...given,
      current: given.current.map((each) =>
        each === profiled ? { ...each, version: { ...each.version, summary: { populationHash } } } : each,
      ),
    });
    const own = given.population?.populationHash ?? '';
    expect(sectionOf(onOther(own), 'profiling')['text']).not.toContain('handed in before');
    expect(sectionOf(onOther(hash('7')), 'profiling')).toMatchObject({ sha256: hash('7') });
    expect(sectionOf(onOther(hash('7')), 'profiling')['text']).toContain('handed in before the one that was sampled');
  });

  it('gives each attribute its figures, random samples apart from targeted ones', () => {
    expect(sectionOf(facts(), 'attribute/AMOUNT')).toMatchObject({
      ...{ tested: 4, deviations: 1, notTestable: 0, rate: 0.25, targetedTested: 1, targetedDeviations: 1 },
      ...{ method: 'hypergeometric', populationSize: 30_000, limitSampleSize: 4, limitDeviations: 1 },
      ...{ conclusion: 'not supported', tolerable: 0.05, untested: 0 },
    });
    expect(sectionOf(facts(), 'attribute/RATE')).toMatchObject({ deviations: 1, notTestable: 1 });
    expect(sectionOf(facts(), 'attribute/AMOUNT')['text']).toBe(
      '4 random samples tested, 1 deviation (25 %), 0 of them not testable. ' +
        'Beside them 1 targeted sample with 1 deviation, which support no limit. ' +
        'At a risk of 5 % at most 75.14 % of 30,000 rows deviate (hypergeometric, 1 of 4; what was not tested counts as a deviation). ' +
        'With 5 % tolerable this is not below the tolerable rate: the sample does not support the conclusion.',
    );
  });

  it('calls the figures of a line of business descriptive when the plan was over the whole', () => {
    const cards = sectionOf(facts(), 'lob/Cards');
    expect(cards).toMatchObject({
      ...{ rows: 20_000, weight: 0.666667, randomSamples: 2, targetedSamples: 0, status: 'finished' },
      ...{ 'AMOUNT: tested': 2, 'AMOUNT: deviations': 1, 'AMOUNT: rate': 0.5, 'RATE: deviations': 0 },
    });
    expect(cards['text']).toContain('descriptive');
    expect(Object.keys(cards).filter((name) => name.includes('upper limit'))).toEqual([]);
    expect(sectionOf(facts(), 'lob/Trust')).toMatchObject({ 'AMOUNT: targeted deviations': 1, targetedSamples: 1 });
  });
});

describe('a report on plans per line of business', () => {
  const drawn = lobs.map((lob): DrawnVersion => ({
    version: version('sample-selection', lob),
    // The version says whose the samples are, whatever stands in the rows.
    items: sampleItems.filter(({ body }) => body['LOB'] === lob).map((row) => ({ ...row, body: { LOB: 'other' } })),
    plan: plan(lob, lob === 'Cards' ? 20_000 : 10_000),
    redrawReason: null,
  }));
  const perLob = facts({ drawn });

  it('draws a conclusion on each line and none on the whole', () => {
    expect(sectionOf(perLob, 'lob/Cards')).toMatchObject({
      ...{ 'AMOUNT: population': 20_000, 'AMOUNT: conclusion': 'not supported' },
      'AMOUNT: upper limit': expect.any(Number),
    });
    expect(sectionOf(perLob, 'attribute/AMOUNT')).toMatchObject({ tested: 4, conclusion: 'none' });
    expect(sectionOf(perLob, 'attribute/AMOUNT')['text']).toContain('there is no pooled one');
    expect(sectionOf(perLob, 'sample/Trust')).toMatchObject({ planId: 'plan-Trust', random: 2, targeted: 1 });
    expect(sectionOf(perLob, 'summary')).toMatchObject({ conclusionsNotSupported: 4 });
  });

  it('says why a line has no samples', () => {
    const alone = facts({
      drawn: drawn.slice(0, 1),
      report: { ...report, lobs: [lane('Cards', 20_000), lane('Trust', 10_000, { withoutSamples: 'sold in May' })] },
    });
    expect(sectionOf(alone, 'lob/Trust')).toMatchObject({ withoutSamples: 'sold in May', randomSamples: 0 });
    expect(sectionOf(alone, 'lob/Trust')['text']).toContain('No samples: sold in May.');
  });
});

describe('a report hides nothing that happened', () => {
  const origin = (kind: 'replacement' | 'kept', key: string): ItemOrigin =>
    kind === 'replacement'
      ? { kind, replacesKey: key, versionId: 'v', versionNumber: 1 }
      : { kind, itemKey: key, versionId: 'v', versionNumber: 1, rationale: 'it is in the ledger' };
  const carried: ItemOrigin = { kind: 'carried', versionId: 'v', versionNumber: 1, itemKey: '13' };
  const history: DrawnVersion[] = [
    {
      ...sample,
      version: version('sample-selection', null, { number: 1, status: 'superseded' }),
      items: [
        item('11', {}, { source: random(1), decision: rejected('duplicate') }),
        item('12', {}, { source: random(2), decision: rejected('other', 'moved away') }),
        item('13', {}, { source: random(3), decision: { ...rejected('duplicate'), verdict: 'approved' } as never }),
      ],
    },
    {
      ...sample,
      version: version('sample-selection', null, {
        ...{ number: 2, status: 'superseded', parentVersionId: 'v-sample-selection-whole-1', revision: 1 },
      }),
      items: [
        item('14', {}, { source: random(4), origin: origin('replacement', '11'), decision: rejected('voided') }),
        item('12', {}, { source: random(2), origin: origin('kept', '12') }),
        item('13', {}, { source: random(3), origin: carried, decision: rejected('too-costly') }),
      ],
    },
    { ...sample, version: version('sample-selection', null, { number: 3 }), redrawReason: 'the file was replaced' },
  ];

  it('lists every sample that the owner rejected, why, and what came of it', () => {
    expect(sectionOf(facts({ drawn: history }), 'rejections')).toMatchObject({
      ...{ rejections: 4, replaced: 1, kept: 1, drawnAnew: 2, unanswered: 0 },
      ...{ 'reason: duplicate': 1, 'reason: other': 1, 'reason: voided': 1, 'reason: too costly to test': 1 },
      'rejection 1': '11 in version 1, by Olga Owner as duplicate: replaced by 14',
      'rejection 2': '12 in version 1, by Olga Owner as other (moved away): kept: it is in the ledger',
      'rejection 3': '14 in version 2, by Olga Owner as voided: the sample was drawn anew',
      'rejection 4': '13 in version 2, by Olga Owner as too costly to test: the sample was drawn anew',
    });
  });

  it('lists a sample that was rejected as a whole, although none of its rows was decided', () => {
    const review: Partial<Version> = {
      status: 'superseded',
      reviewVerdict: 'rejected',
      reviewedBy: 'olga',
      reviewedAt: at,
      reviewNote: 'drawn from last year’s file',
    };
    const whole: DrawnVersion = {
      ...sample,
      version: version('sample-selection', null, { number: 1, ...review }),
      items: [item('11', {}, { source: random(1) }), item('12', {}, { source: random(2) })],
    };
    expect(sectionOf(facts({ drawn: [whole, ...history.slice(2)] }), 'rejections')).toMatchObject({
      text: 'No sample was rejected by itself. 1 version was rejected as a whole.',
      ...{ rejections: 0, wholeVersions: 1 },
      'version 1 as a whole': `2 samples rejected by Olga Owner at ${at}: drawn from last year’s file`,
    });
  });

  it('lists every redraw with its reason, and no revision as one', () => {
    expect(sectionOf(facts({ drawn: history }), 'redraws')).toMatchObject({
      redraws: 1,
      'version 3': `drawn anew by Tara Tester at ${at}: the file was replaced`,
    });
    expect(sectionOf(facts({ drawn: history }), 'summary')).toMatchObject({ redraws: 1, rejections: 4 });
  });

  it('says of each skipped phase why and by whose wish, and names cancelled lines of business', () => {
    const skipped: Report = {
      ...report,
      phases: report.phases.map((row) => {
        if (row.phase === 'data-profiling') return { ...row, state: 'skipped', reason: 'profiled by the bank' };
        return row.phase === 'observations' && row.lob === 'Trust'
          ? { ...row, state: 'skipped', reason: 'nothing to observe' }
          : row;
      }),
      skips: [
        { phase: 'data-profiling', lob: null, reason: 'profiled by the bank', by: 'mara' },
        { phase: 'observations', lob: null, reason: 'asked, but the rule came first', by: 'mara' },
      ],
      lobs: [lane('Cards', 20_000), lane('Trust', 10_000, { status: 'cancelled', reason: 'sold' })],
    };
    const of = facts({ report: skipped, current: facts().current.filter((row) => row.version.lob !== 'Trust') });
    expect(sectionOf(of, 'skipped')).toMatchObject({
      ...{ skippedPhases: 2, cancelledLobs: 1, 'line of business Trust': 'cancelled: sold' },
      'Data profiling': 'profiled by the bank (Mara Manager)',
      'Observations of Trust': 'nothing to observe (by rule)',
    });
    expect(sectionOf(of, 'lob/Trust')).toMatchObject({
      ...{ status: 'cancelled', 'skipped: observations': 'nothing to observe', 'AMOUNT: tested': 0 },
    });
    // The two random samples of the cancelled line were not tested: they weigh on the conclusion.
    expect(sectionOf(of, 'attribute/RATE')).toMatchObject({
      ...{ tested: 2, deviations: 0, untested: 2, limitSampleSize: 4, limitDeviations: 2 },
    });
  });

  it('lists deadlines that passed, also those that were extended later', () => {
    const expired = [
      { phase: 'scoping' as const, lob: null, dueAt: at, at },
      { phase: 'request-info' as const, lob: 'Cards', dueAt: at, at },
    ];
    expect(sectionOf(facts({ expired }), 'deadlines')).toMatchObject({
      expired: 2,
      'deadline 2': `Request for information of Cards was due ${at} and was not done by then`,
    });
  });

  it('names each document by its hash', () => {
    expect(sectionOf(facts(), 'documents')).toMatchObject({
      ...{ documents: 1, 'Cards: documents': 1 },
      'Cards: document document-1': `Extract (cards.csv), effective 2026-09-30, SHA-256 ${hash('d')}, handed in 2 times`,
    });
  });

  it('keeps an observation that the owner rejected: disputed, with both reasons', () => {
    const disputed = observation('Cards', 'AMOUNT', {
      verdict: 'rejected',
      decision: rejected('not-agreed', 'the extract is old'),
      origin: {
        ...{ kind: 'disputed', versionId: 'v', versionNumber: 1, itemKey: 'AMOUNT', by: 'lena' },
        rationale: 'the extract is the one of the day',
      },
    });
    const current = facts().current.map((row) =>
      row.version.phase === 'observations' ? { ...row, items: [disputed, observation('Cards', 'RATE')] } : row,
    );
    const of = facts({ current });
    expect(sectionOf(of, 'observations')).toMatchObject({ observations: 2, high: 2, disputed: 1 });
    expect(sectionOf(of, 'observation/Cards/AMOUNT')).toMatchObject({
      ...{ status: 'disputed', rating: 'high', ownerReason: 'not agreed', ownerNote: 'the extract is old' },
      ...{ leadRationale: 'the extract is the one of the day', disputedBy: 'Lena Lead', text: 'the draft as edited' },
    });
    expect(sectionOf(of, 'observation/Cards/RATE')).toMatchObject({ status: 'accepted by the report owner' });
    expect(sectionOf(of, 'disputed')).toMatchObject({
      disputed: 1,
      'Cards / AMOUNT':
        'Olga Owner rejected it as not agreed (the extract is old); Lena Lead keeps it: the extract is the one of the day',
    });
  });

  it('names every approved version and the ledger by their hashes', () => {
    const body = sectionOf(facts(), 're-performance');
    expect(body).toMatchObject({
      ...{ populationSha256: hash('a'), plans: 'plan-whole', ledgerEntries: 77, ledgerHash: hash('f') },
      scoping: `version 1, v-scoping-whole-1, items ${hash('9')}`,
      'test-execution / Trust': `version 1, v-test-execution-Trust-1, items ${hash('9')}`,
    });
    expect(Object.keys(body).filter((name) => String(body[name]).startsWith('version '))).toHaveLength(8);
  });
});

describe('the sections', () => {
  it('change exactly where one result changes', () => {
    const current = facts().current.map((row) =>
      row.version.lob === 'Trust' && row.version.phase === 'test-execution' ? tests('Trust', {}) : row,
    );
    const [before, after] = [bodiesOf(facts()), bodiesOf(facts({ current }))];
    const changed = Object.keys(before).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
    expect(changed).toEqual(['summary', 'attribute/AMOUNT', 'attribute/RATE', 'lob/Trust']);
  });

  it('say so when there is nothing to say', () => {
    const bare = facts({
      ...{ population: null, current: [], drawn: [] },
      report: { ...report, lobs: [], phases: [], lobSource: null },
    });
    expect(Object.entries(bodiesOf(bare)).map(([key, body]) => [key, body['text']])).toEqual([
      ['summary', expect.stringContaining('0 attributes in scope were tested on 0 samples')],
      ['scope', expect.stringContaining('Scoping was skipped')],
      ['population', 'No population was imported.'],
      ['sample', 'No sample was approved.'],
      ['profiling', 'Data profiling was skipped: no rule was run.'],
      ['observations', 'No observation was made.'],
      ['disputed', 'No observation is disputed.'],
      ['rejections', 'The report owner rejected no sample.'],
      ['redraws', 'No sample was drawn again.'],
      ['skipped', 'No phase was skipped and no line of business was cancelled.'],
      ['deadlines', 'No deadline passed.'],
      ['documents', 'No document was handed in.'],
      ['re-performance', expect.stringContaining('SHA-256')],
    ]);
  });

  it('stay items that can be stored and edited, whatever columns and lines of business are called', () => {
    const odd = ['__proto__', 'a/b', 'text', 'x'.repeat(300)];
    const lob = 'L/'.repeat(100);
    const current: VersionWithItems[] = [
      {
        version: version('scoping', null),
        items: odd.map((name) =>
          item(name, { attribute: name, inScope: true, rationale: '', criticalDataElement: false }),
        ),
      },
      { version: version('observations', lob), items: odd.map((name) => observation(lob, name)) },
    ];
    const sections = assembleReport(facts({ current, report: { ...report, lobs: [lane(lob, 1), lane('L', 2)] } }));
    expect(new Set(sections.map(({ itemKey }) => itemKey)).size).toBe(sections.length);
    for (const { itemKey, body } of sections) {
      expect(itemKey.length).toBeLessThanOrEqual(500);
      expect(body.section).toBe(itemKey);
      expect(itemFieldsSchema.safeParse({ title: body.title, text: body.text }).success).toBe(true);
      for (const value of Object.values(body))
        expect(['string', 'number', 'boolean', 'object']).toContain(typeof value);
      expect(JSON.parse(JSON.stringify(body))).toEqual(body);
    }
    expect(sections.filter(({ itemKey }) => itemKey.startsWith('observation/'))).toHaveLength(odd.length);
  });
});
