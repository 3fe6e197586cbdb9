// Owns what a test report is assembled from, and the questions its sections ask of it. Pure; where the facts come from is the worker's.
import type { TestResult } from './audit-record.ts';
import type { Report } from './change.ts';
import type { Decision, Verdict } from './decision.ts';
import { attributesInScope, lobOf } from './in-scope.ts';
import type { SectionBody } from './phase-item.ts';
import type { PhaseSlug } from './phases.ts';
import type { Population } from './population.ts';
import type { RecordedPlan } from './sample-plan.ts';
import { statisticsOf } from './statistics.ts';
import type { AttributeStatistics, TestedSample } from './statistics.ts';
import { proposer } from './version.ts';
import type { ItemBody, ItemOrigin, ItemSource, Version } from './version.ts';

/** An item of a version with the decision that counts on it; null when nobody decided. */
export interface ReportItem {
  itemKey: string;
  body: ItemBody;
  source: ItemSource;
  origin: ItemOrigin;
  verdict: Verdict;
  decision: Pick<Decision, 'verdict' | 'reasonCode' | 'note' | 'actorId' | 'decidedAt'> | null;
}

export interface VersionWithItems {
  version: Version;
  items: readonly ReportItem[];
}

/** A version of a sample with the plan it was drawn from. `redrawReason` is null unless it is a redraw. */
export type DrawnVersion = VersionWithItems & { plan: RecordedPlan | null; redrawReason: string | null };

/** All that a report says follows from these. Times are ISO-8601 UTC. */
export interface ReportFacts {
  report: Report;
  cycleName: string;
  /** Full names by person id. */
  people: ReadonlyMap<string, string>;
  /** That of the approved sample, else the one imported last; null when there is none. */
  population: Population | null;
  /** The approved versions of all phases and lines of business but the report's own. */
  current: readonly VersionWithItems[];
  /** Every version of every sample; those of one line oldest first. */
  drawn: readonly DrawnVersion[];
  /** Deadlines that passed, in the order in which they did. */
  expired: readonly { phase: PhaseSlug; lob: string | null; dueAt: string; at: string }[];
  /** Where the ledger stood when the report was assembled. */
  ledger: { length: number; hash: string };
}

/** A section as an item of a version; its key stays the same over versions. */
export interface Section {
  itemKey: string;
  body: SectionBody;
}

export function section(itemKey: string, title: string, text: string, fields: ItemBody = {}): Section {
  return { itemKey, body: { ...fields, section: itemKey, title, text } };
}

/** The approved items of a phase; null when it has no approved version: it was skipped. */
export function approvedItems(facts: ReportFacts, phase: PhaseSlug, lob: string | null = null) {
  return facts.current.find(({ version }) => version.phase === phase && version.lob === lob)?.items ?? null;
}

/** Approved versions of a phase of all lines of business, in the order of those. */
export function approvedOf(facts: ReportFacts, phase: PhaseSlug): VersionWithItems[] {
  const order = facts.report.lobs.map(({ lob }) => lob);
  const place = ({ version }: VersionWithItems) => order.indexOf(version.lob ?? '');
  return facts.current.filter(({ version }) => version.phase === phase).sort((a, b) => place(a) - place(b));
}

/** The approved samples with the plans they were drawn from: one over the whole, or one for each line of business. */
export function approvedSamples(facts: ReportFacts): DrawnVersion[] {
  return facts.drawn.filter(({ version }) => version.status === 'approved');
}

/** A person's full name; what nobody did is Countersign's. */
export function nameOf(facts: ReportFacts, personId: string): string {
  return personId === proposer ? 'Countersign' : (facts.people.get(personId) ?? personId);
}

/** Names of the population's columns in the file's order; empty when there is none. */
export function columnsOf({ population }: ReportFacts): string[] {
  return population?.state.kind === 'ready' ? population.state.columns.map(({ name }) => name) : [];
}

export function scopeOf(facts: ReportFacts): string[] {
  return attributesInScope({
    scoping: approvedItems(facts, 'scoping'),
    planning: approvedItems(facts, 'planning'),
    columns: columnsOf(facts),
    keyColumn: population(facts)?.keyColumn ?? null,
  });
}

function population({ population: found }: ReportFacts) {
  return found?.state.kind === 'ready' ? found.state : null;
}

/** Every approved sample with its line of business. */
export function testedSamples(facts: ReportFacts): TestedSample[] {
  const { lobSource, lobs } = facts.report;
  const column = lobSource === null || lobSource.kind === 'none' ? null : lobSource.column;
  const names = lobs.map(({ lob }) => lob);
  return approvedSamples(facts).flatMap(({ version, items }) =>
    items
      .filter(({ verdict }) => verdict === 'approved')
      .map(({ itemKey, body, source }) => ({
        itemKey,
        lob: version.lob ?? lobOf(body, column, names),
        random: source.kind === 'random',
      })),
  );
}

/** The statistics of every attribute in scope. */
export function statisticsIn(facts: ReportFacts): AttributeStatistics[] {
  return statisticsOf({
    attributes: scopeOf(facts),
    lobs: facts.report.lobs.map(({ lob }) => lob),
    samples: testedSamples(facts),
    outcomes: approvedOf(facts, 'test-execution').flatMap(({ items }) =>
      items.map(({ body }) => ({
        itemKey: String(body['itemKey']),
        attribute: String(body['attribute']),
        result: body['result'] as TestResult,
      })),
    ),
    plans: approvedSamples(facts).flatMap(({ version, plan }) =>
      plan
        ? [
            {
              ...{ lob: version.lob, populationSize: plan.populationSize, method: plan.method },
              ...{ risk: plan.request.risk, tolerable: plan.request.tolerable },
            },
          ]
        : [],
    ),
  });
}
