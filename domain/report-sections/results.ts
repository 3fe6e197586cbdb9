// Owns the sections that say what testing came to: per attribute, per line of business, observations and what is disputed. Pure.
import { assignmentKey } from '../audit-record.ts';
import { sha256Hex } from '../canonical.ts';
import type { LobState } from '../change.ts';
import { reasonRules } from '../decision.ts';
import type { ObservationBody } from '../phase-item.ts';
import { approvedOf, approvedSamples, nameOf, section, testedSamples } from '../report-facts.ts';
import type { ReportFacts, ReportItem, Section } from '../report-facts.ts';
import type { AttributeStatistics, Figures, Limit } from '../statistics.ts';
import type { ItemBody } from '../version.ts';
import { count, lineName, listed, percent } from './wording.ts';

/** What the samples say of a plan's conclusion. `none`: no plan speaks of them, or nothing was tested. */
export type Conclusion = 'supported' | 'not supported' | 'none';

export function conclusionOf({ limit }: Figures): Conclusion {
  if (limit === null) return 'none';
  return limit.supported ? 'supported' : 'not supported';
}

/** One section for each attribute in scope. */
export function attributeSections(facts: ReportFacts, statistics: readonly AttributeStatistics[]): Section[] {
  const isPlannedPerLob = approvedSamples(facts).some(({ version }) => version.lob !== null);
  return statistics.map(({ attribute, whole }) => {
    const limit = whole.limit ? limitWords(whole.limit) : noLimit(whole, isPlannedPerLob);
    return section(`attribute/${attribute}`, `Attribute ${attribute}`, `${countWords(whole)} ${limit}`, {
      attribute,
      ...figureFields(whole),
    });
  });
}

function noLimit(figures: Figures, isPlannedPerLob: boolean): string {
  if (figures.tested === 0) return 'No conclusion is drawn.';
  return isPlannedPerLob
    ? 'The samples were planned for each line of business: conclusions stand there, and there is no pooled one.'
    : 'No plan speaks of these samples: no conclusion is drawn.';
}

function countWords(figures: Figures): string {
  const { tested, deviations, notTestable, untested, rate, targetedTested, targetedDeviations } = figures;
  const random =
    rate === null
      ? 'No random sample was tested.'
      : `${count(tested, 'random sample')} tested, ${count(deviations, 'deviation')} (${percent(rate)}), ${notTestable.toLocaleString('en')} of them not testable.`;
  const left = untested === 0 ? '' : ` ${count(untested, 'random sample was', 'random samples were')} not tested.`;
  const targeted =
    targetedTested === 0
      ? ''
      : ` Beside them ${count(targetedTested, 'targeted sample')} with ${count(targetedDeviations, 'deviation')}, which support no limit.`;
  return `${random}${left}${targeted}`;
}

function limitWords(limit: Limit): string {
  const { sampleSize, deviations, populationSize, risk, tolerable, upperLimit, method, supported } = limit;
  const verdict = supported
    ? 'below the tolerable rate: the sample supports the conclusion'
    : 'not below the tolerable rate: the sample does not support the conclusion';
  return (
    `At a risk of ${percent(risk)} at most ${percent(upperLimit)} of ${count(populationSize, 'row')} deviate ` +
    `(${method}, ${deviations.toLocaleString('en')} of ${sampleSize.toLocaleString('en')}; what was not tested counts as a deviation). ` +
    `With ${percent(tolerable)} tolerable this is ${verdict}.`
  );
}

function figureFields(figures: Figures): ItemBody {
  const { limit, ...counts } = figures;
  return { ...counts, conclusion: conclusionOf(figures), ...(limit ? limitFields(limit) : {}) };
}

function limitFields(limit: Limit): ItemBody {
  return {
    ...{ method: limit.method, risk: limit.risk, tolerable: limit.tolerable, populationSize: limit.populationSize },
    ...{ limitSampleSize: limit.sampleSize, limitDeviations: limit.deviations },
    ...{ deviatingItems: limit.deviatingItems, upperLimit: limit.upperLimit },
  };
}

/** One section for each line of business, tested or not. */
export function lobSections(facts: ReportFacts, statistics: readonly AttributeStatistics[]): Section[] {
  const { lobs } = facts.report;
  const total = lobs.reduce((sum, { rows }) => sum + rows, 0);
  const samples = Map.groupBy(testedSamples(facts), ({ lob }) => lob);
  return lobs.map((state) => {
    const own = samples.get(state.lob) ?? [];
    const random = own.filter((sample) => sample.random).length;
    const figures = statistics.flatMap(({ attribute, lobs: rows }) => {
      const found = rows.find(({ lob }) => lob === state.lob);
      return found ? [{ attribute, figures: found }] : [];
    });
    return section(`lob/${state.lob}`, `Line of business ${state.lob}`, lobWords(facts, state, own.length, figures), {
      ...{ lob: state.lob, status: state.status, rows: state.rows },
      weight: total === 0 ? null : Number((state.rows / total).toFixed(6)),
      ...{ randomSamples: random, targetedSamples: own.length - random, withoutSamples: state.withoutSamples },
      ...skipFields(facts, state.lob),
      ...Object.fromEntries(figures.flatMap((row) => lobFigures(row.attribute, row.figures))),
    });
  });
}

type Row = { attribute: string; figures: Figures };

function lobWords(facts: ReportFacts, state: LobState, samples: number, figures: readonly Row[]): string {
  const skipped = facts.report.phases.filter((line) => line.lob === state.lob && line.state === 'skipped');
  const own = figures.filter((row) => row.figures.limit !== null);
  const deviating = figures.filter((row) => row.figures.deviations > 0);
  return [
    `${count(state.rows, 'row')} of the population, ${count(samples, 'sample')}.`,
    ...(state.status === 'cancelled' ? [`Cancelled: ${state.reason}.`] : []),
    ...(state.withoutSamples === null ? [] : [`No samples: ${state.withoutSamples}.`]),
    ...skipped.map((line) => `${lineName({ phase: line.phase, lob: null })} was skipped: ${line.reason}.`),
    own.length > 0
      ? `It has a plan of its own: ${count(own.filter((row) => row.figures.limit?.supported).length, 'attribute')} of ${figures.length} supported.`
      : 'Its figures are descriptive: no conclusion is drawn on it alone.',
    `Attributes with deviations: ${listed(deviating.map((row) => row.attribute))}.`,
  ].join(' ');
}

function skipFields(facts: ReportFacts, lob: string): ItemBody {
  const lines = facts.report.phases.filter((line) => line.lob === lob && line.state === 'skipped');
  return Object.fromEntries(lines.map((line) => [`skipped: ${line.phase}`, line.reason]));
}

function lobFigures(attribute: string, figures: Figures): [string, string | number | null][] {
  const { tested, deviations, notTestable, rate, limit, targetedTested, targetedDeviations } = figures;
  const targeted: [string, number][] =
    targetedTested === 0
      ? []
      : [
          [`${attribute}: targeted tested`, targetedTested],
          [`${attribute}: targeted deviations`, targetedDeviations],
        ];
  const own: [string, string | number][] =
    limit === null
      ? []
      : [
          [`${attribute}: upper limit`, limit.upperLimit],
          [`${attribute}: population`, limit.populationSize],
          [`${attribute}: conclusion`, conclusionOf(figures)],
        ];
  return [
    [`${attribute}: tested`, tested],
    [`${attribute}: deviations`, deviations],
    [`${attribute}: not testable`, notTestable],
    [`${attribute}: rate`, rate],
    ...own,
    ...targeted,
  ];
}

/** An observation of the report with where it stands. */
export interface Observed {
  item: ReportItem;
  body: ObservationBody;
  isDisputed: boolean;
}

/** All observations of all lines of business, in the order of those. */
export function observedIn(facts: ReportFacts): Observed[] {
  return approvedOf(facts, 'observations').flatMap(({ items }) =>
    items.map((item) => ({
      item,
      body: item.body as ObservationBody,
      isDisputed: item.origin.kind === 'disputed',
    })),
  );
}

/** The observations in all, then one section for each. */
export function observationSections(facts: ReportFacts): Section[] {
  const observed = observedIn(facts);
  const rated = (rating: string) => observed.filter(({ body }) => body.rating === rating).length;
  const disputed = observed.filter(({ isDisputed }) => isDisputed).length;
  const all = section(
    'observations',
    'Observations',
    observed.length === 0
      ? 'No observation was made.'
      : `${count(observed.length, 'observation')}: ${rated('high')} high, ${rated('medium')} medium, ${rated('low')} low; ${disputed} disputed.`,
    { observations: observed.length, high: rated('high'), medium: rated('medium'), low: rated('low'), disputed },
  );
  return [all, ...observed.map((entry) => observationSection(facts, entry))];
}

function observationSection(facts: ReportFacts, { item, body, isDisputed }: Observed): Section {
  const { attribute, lob, title, rating, text, recommendation, tested, deviations, notTestable, sampleKeys } = body;
  return section(observationKey(lob, attribute), `${lob}: ${title}`, text, {
    ...{ attribute, lob, rating, status: isDisputed ? 'disputed' : 'accepted by the report owner' },
    ...{ recommendation, tested, deviations, notTestable, sampleKeys },
    ...(isDisputed ? disputeFields(facts, item) : {}),
  });
}

/** A key of an item has at most 500 characters; names of columns and lines of business may have more between them. */
function observationKey(lob: string, attribute: string): string {
  const key = `observation/${assignmentKey(lob, attribute)}`;
  return key.length <= 500 ? key : `observation/${sha256Hex(key)}`;
}

function disputeFields(facts: ReportFacts, { origin, decision }: ReportItem): ItemBody {
  return {
    ownerReason: decision?.reasonCode ? reasonRules[decision.reasonCode].name : '',
    ownerNote: decision?.note ?? '',
    rejectedBy: decision ? nameOf(facts, decision.actorId) : '',
    leadRationale: origin.kind === 'disputed' ? origin.rationale : '',
    disputedBy: origin.kind === 'disputed' ? nameOf(facts, origin.by) : '',
  };
}

export function disputedSection(facts: ReportFacts): Section {
  const disputed = observedIn(facts).filter(({ isDisputed }) => isDisputed);
  const fields = disputed.map(({ item, body }): [string, string] => {
    const { ownerReason, ownerNote, rejectedBy, leadRationale, disputedBy } = disputeFields(facts, item);
    const note = ownerNote === '' ? '' : ` (${String(ownerNote)})`;
    return [
      `${body.lob} / ${body.attribute}`,
      `${String(rejectedBy)} rejected it as ${String(ownerReason)}${note}; ${String(disputedBy)} keeps it: ${String(leadRationale)}`,
    ];
  });
  return section(
    'disputed',
    'Disputed observations',
    disputed.length === 0
      ? 'No observation is disputed.'
      : `${count(disputed.length, 'observation')} that the report owner rejected and the test lead keeps.`,
    { disputed: disputed.length, ...Object.fromEntries(fields) },
  );
}
