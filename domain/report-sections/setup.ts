// Owns the sections that say what was to be tested and on what: scope, population, samples, profiling. Pure.
import { z } from 'zod';
import type { Json } from '../canonical.ts';
import type { RuleBody, ScopingBody } from '../phase-item.ts';
import { approvedItems, approvedOf, approvedSamples, columnsOf, nameOf, scopeOf, section } from '../report-facts.ts';
import type { DrawnVersion, ReportFacts, Section } from '../report-facts.ts';
import type { ItemBody } from '../version.ts';
import { count, listed, percent } from './wording.ts';

export function scopeSection(facts: ReportFacts): Section {
  const scoping = approvedItems(facts, 'scoping')?.map(({ body }) => body as ScopingBody) ?? null;
  const planned = approvedItems(facts, 'planning')?.map(({ itemKey }) => itemKey) ?? columnsOf(facts);
  const inScope = scopeOf(facts);
  const all = scoping ? scoping.map(({ attribute }) => attribute) : planned;
  const outOfScope = all.filter((name) => !inScope.includes(name));
  const reasons = (scoping ?? [])
    .filter((row) => !row.inScope)
    .map((row): [string, string] => [`out of scope: ${row.attribute}`, row.rationale]);
  const critical = (scoping ?? []).filter((row) => row.criticalDataElement);
  const coverage = all.length === 0 ? 0 : inScope.length / all.length;
  const basis = scoping
    ? ''
    : ' Scoping was skipped: all attributes that were planned are in scope, or all columns but the key where planning was skipped too.';
  return section(
    'scope',
    'Scope',
    `${inScope.length.toLocaleString('en')} of ${count(all.length, 'attribute')} are in scope (${percent(coverage)}).${basis}`,
    {
      attributesInScope: inScope.length,
      attributesOutOfScope: outOfScope.length,
      coverage: Number(coverage.toFixed(6)),
      criticalDataElements: scoping ? critical.length : null,
      criticalInScope: scoping ? critical.filter((row) => row.inScope).length : null,
      inScope: listed(inScope),
      outOfScope: listed(outOfScope),
      ...Object.fromEntries(reasons),
    },
  );
}

export function populationSection(facts: ReportFacts): Section {
  const { population, report } = facts;
  if (population?.state.kind !== 'ready') return section('population', 'Population', 'No population was imported.');
  const { fileName, populationHash, fileSize, importedBy, importedAt, state } = population;
  const source = report.lobSource;
  const column = source === null || source.kind === 'none' ? null : source.column;
  return section(
    'population',
    'Population',
    `${fileName} has ${count(state.rowCount, 'row')} and ${count(state.columns.length, 'column')}. Its SHA-256 is ${populationHash}.`,
    {
      ...{ fileName, sha256: populationHash, bytes: fileSize, rows: state.rowCount, columns: state.columns.length },
      ...{ keyColumn: state.keyColumn, lobColumn: column, importedBy: nameOf(facts, importedBy), importedAt },
      warnings: listed(state.warnings),
    },
  );
}

/** One section for the sample over the whole, or one for each line of business that has one. */
export function sampleSections(facts: ReportFacts): Section[] {
  const samples = approvedSamples(facts);
  if (samples.length === 0) return [section('sample', 'Sample', 'No sample was approved.', { random: 0, targeted: 0 })];
  return samples.map((sample) => sampleSection(sample));
}

function sampleSection({ version, items, plan }: DrawnVersion): Section {
  const { lob, number } = version;
  const random = items.filter(({ source }) => source.kind === 'random').length;
  const targeted = items.flatMap(({ itemKey, source }): [string, string][] =>
    source.kind === 'targeted' ? [[`targeted: ${itemKey}`, source.reason]] : [],
  );
  const where = lob === null ? 'over the whole population' : `for ${lob} alone`;
  const words =
    plan === null
      ? ''
      : ` Planned ${where} by the ${plan.method}: risk ${percent(plan.request.risk)}, tolerable ${percent(plan.request.tolerable)}, ` +
        `expected ${percent(plan.request.expected)}, at most ${count(plan.acceptableDeviations, 'deviation')}; seed ${plan.request.seed} (${plan.request.seedOrigin}).`;
  return section(
    lob === null ? 'sample' : `sample/${lob}`,
    lob === null ? 'Sample' : `Sample of ${lob}`,
    `Version ${number} has ${count(random, 'random sample')} and ${count(targeted.length, 'targeted one')}.${words}`,
    {
      ...{ version: number, random, targeted: targeted.length },
      ...(plan ? planFields(plan) : {}),
      ...strataFields(version.summary['strata']),
      ...Object.fromEntries(targeted),
    },
  );
}

function planFields(plan: NonNullable<DrawnVersion['plan']>): ItemBody {
  const { request, binomialCheck } = plan;
  return {
    ...{ planId: plan.planId, plannedFor: request.lob, populationSize: plan.populationSize, method: plan.method },
    ...{ risk: request.risk, tolerable: request.tolerable, expected: request.expected },
    ...{ sampleSize: plan.sampleSize, acceptableDeviations: plan.acceptableDeviations },
    binomialSampleSize: binomialCheck?.sampleSize ?? null,
    ...{ seed: request.seed, seedOrigin: request.seedOrigin, generator: plan.generator, algorithm: plan.algorithm },
  };
}

const strataSchema = z.array(
  z.object({
    stratum: z.string().nullable(),
    populationSize: z.number(),
    subSeed: z.string(),
    sampleSize: z.number(),
    weight: z.number(),
  }),
);

/** The strata as the draw recorded them. @throws ZodError when the version says something else: no report is made from it. */
function strataFields(strata: Json | undefined): ItemBody {
  if (strata === undefined) return {};
  const fields = strataSchema.parse(strata).flatMap((row): [string, string | number][] => {
    const name = `stratum ${row.stratum ?? 'of the whole'}`;
    return [
      [`${name}: rows`, row.populationSize],
      [`${name}: samples`, row.sampleSize],
      [`${name}: weight`, Number(row.weight.toFixed(6))],
      [`${name}: sub-seed`, row.subSeed],
    ];
  });
  return Object.fromEntries(fields);
}

export function profilingSection(facts: ReportFacts): Section {
  const [profiled] = approvedOf(facts, 'data-profiling');
  if (!profiled)
    return section('profiling', 'Data profiling', 'Data profiling was skipped: no rule was run.', { rules: 0 });
  const rules = profiled.items;
  const ranOn = profiled.version.summary['populationHash'] ?? null;
  const sampled = facts.population?.populationHash ?? null;
  // A later import is sampled, and what was approved before stands: the reader has to know.
  const other =
    ranOn !== null && ranOn !== sampled
      ? ' They were run on a population that was handed in before the one that was sampled.'
      : '';
  const bodies = rules.map(({ itemKey, body }) => ({ itemKey, rule: body as RuleBody }));
  const failing = bodies.filter(({ rule }) => rule.exceptions > 0);
  const exceptions = bodies.reduce((sum, { rule }) => sum + rule.exceptions, 0);
  const faulty = bodies.filter(({ rule }) => rule.fault !== '').length;
  return section(
    'profiling',
    'Data profiling',
    `${count(rules.length, 'rule')} approved and run on the whole population: ${count(failing.length, 'rule')} with exceptions, ` +
      `${count(exceptions, 'exception')} in all${faulty > 0 ? `; ${count(faulty, 'rule')} could not be run` : ''}.${other}`,
    {
      sha256: typeof ranOn === 'string' ? ranOn : null,
      ...{ rules: rules.length, rulesWithExceptions: failing.length, exceptions, rulesNotRun: faulty },
      ...Object.fromEntries(
        bodies.flatMap(({ itemKey, rule }): [string, string | number | null][] => [
          [`${itemKey}: pass rate`, rule.passRate],
          [`${itemKey}: exceptions`, rule.fault === '' ? rule.exceptions : rule.fault],
        ]),
      ),
    },
  );
}
