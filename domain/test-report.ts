// Owns which sections a test report has and in which order, and its summary. Pure: the same facts give the same report.
import { isDeviation } from './audit-record.ts';
import type { TestResult } from './audit-record.ts';
import { approvedOf, section, statisticsIn, testedSamples } from './report-facts.ts';
import type { ReportFacts, Section } from './report-facts.ts';
import { rejectedSamples } from './rejections.ts';
import {
  deadlinesSection,
  documentsSection,
  redrawsSection,
  rejectionsSection,
  reperformanceSection,
  skippedSection,
} from './report-sections/history.ts';
import {
  attributeSections,
  conclusionOf,
  disputedSection,
  lobSections,
  observationSections,
  observedIn,
} from './report-sections/results.ts';
import type { Conclusion } from './report-sections/results.ts';
import { populationSection, profilingSection, sampleSections, scopeSection } from './report-sections/setup.ts';
import { count } from './report-sections/wording.ts';
import type { AttributeStatistics } from './statistics.ts';

/**
 * The sections of a report in their order. Keys are stable: `summary`, `scope`, `population`, `sample` (or `sample/LOB`), `profiling`,
 * `attribute/NAME`, `lob/NAME`, `observations`, `observation/LOB/NAME`, `disputed`, `rejections`, `redraws`, `skipped`, `deadlines`,
 * `documents`, `re-performance`. A section that has nothing to say says so.
 */
export function assembleReport(facts: ReportFacts): Section[] {
  const statistics = statisticsIn(facts);
  return [
    summarySection(facts, statistics),
    scopeSection(facts),
    populationSection(facts),
    ...sampleSections(facts),
    profilingSection(facts),
    ...attributeSections(facts, statistics),
    ...lobSections(facts, statistics),
    ...observationSections(facts),
    disputedSection(facts),
    rejectionsSection(facts),
    redrawsSection(facts),
    skippedSection(facts),
    deadlinesSection(facts),
    documentsSection(facts),
    reperformanceSection(facts),
  ];
}

function summarySection(facts: ReportFacts, statistics: readonly AttributeStatistics[]): Section {
  const { report, cycleName } = facts;
  const samples = testedSamples(facts);
  const random = samples.filter((sample) => sample.random).length;
  const results = approvedOf(facts, 'test-execution').flatMap(({ items }) =>
    items.map(({ body }) => body['result'] as TestResult),
  );
  const deviations = results.filter(isDeviation).length;
  const observed = observedIn(facts);
  const figures = statistics.flatMap(({ whole, lobs }) => [whole, ...lobs]);
  const concluded = (wanted: Conclusion) => figures.filter((found) => conclusionOf(found) === wanted).length;
  const supported = concluded('supported');
  const notSupported = concluded('not supported');
  const disputed = observed.filter(({ isDisputed }) => isDisputed).length;
  return section(
    'summary',
    `${report.name}: test report`,
    `${cycleName}. ${count(statistics.length, 'attribute')} in scope were tested on ${count(samples.length, 'sample')} ` +
      `(${random} random, ${samples.length - random} targeted) with ${count(results.length, 'test action')}: ${count(deviations, 'deviation')}. ` +
      `${count(observed.length, 'observation')}, ${disputed} of them disputed. ` +
      `Conclusions: ${supported} supported, ${notSupported} not supported.`,
    {
      ...{
        report: report.name,
        cycle: cycleName,
        attributesInScope: statistics.length,
        linesOfBusiness: report.lobs.length,
      },
      ...{ randomSamples: random, targetedSamples: samples.length - random, testActions: results.length, deviations },
      notTestable: results.filter((result) => result === 'not-testable').length,
      ...{ conclusionsSupported: supported, conclusionsNotSupported: notSupported },
      ...{ observations: observed.length, disputed, rejections: rejectedSamples(facts.drawn).length },
      redraws: facts.drawn.filter(({ version }) => version.number > 1 && version.parentVersionId === null).length,
      skippedPhases: report.phases.filter(({ state }) => state === 'skipped').length,
    },
  );
}
