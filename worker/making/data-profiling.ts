// Owns what data profiling's versions are made from: rules proposed from the profile and the approved attributes, run on the
// population. Which rules follow is domain/rule-proposals.ts, what one says domain/profiling-rules.ts.
import type { Json } from '../../domain/canonical.ts';
import type { AttributeBody, RuleBody } from '../../domain/phase-item.ts';
import { ruleKey, runFields } from '../../domain/profiling-rules.ts';
import type { RuleRun } from '../../domain/profiling-rules.ts';
import { orderedPairs, pairRule, proposePairRules, proposeRules, shapesWanted } from '../../domain/rule-proposals.ts';
import type { ProfileFacts, ProposedRule } from '../../domain/rule-proposals.ts';
import type { Version } from '../../domain/version.ts';
import type { PopulationStore } from '../population/population-store.ts';
import { readPopulation } from '../store/sample-rows.ts';
import { readReadyPopulation } from '../store/scope.ts';
import type { ReadyPopulation } from '../store/scope.ts';
import type { Store } from '../store/store.ts';
import { readLine } from '../store/version-rows.ts';
import { approvedBodies } from './approved-items.ts';
import { basisVersion } from './making.ts';
import type { Maker } from './making.ts';
import { noPopulation, populationFacts } from './planning.ts';

export const dataProfilingMaker: Maker = {
  async propose({ store, populations }, subject) {
    const population = await readReadyPopulation(store.db, subject.reportId);
    if (!population) return noPopulation;
    const planning = basisVersion(subject, 'planning');
    const facts: ProfileFacts = {
      ...population,
      shapes: await populations.shapes(population.populationHash, shapesWanted(population.columns)),
      attributes: await approvedBodies<AttributeBody>(store, planning),
    };
    const { rules, pairs } = await rulesOf(populations, population, facts);
    if (rules.length === 0) return { waiting: noRules };
    const bodies = await run(populations, population, rules);
    return {
      items: bodies.map((body) => ({ itemKey: ruleKey(body), body, source: { kind: 'proposed' } })),
      summary: { ...populationFacts(population), planningVersionId: planning, ...pairs, ...ruleFacts(bodies) },
    };
  },

  async rework({ store, populations }, { reportId }, items) {
    const population = await populationOfVersion(store, reportId);
    const rules = items.map(({ body }) => body as ProposedRule);
    // The first version cannot have been made without one.
    if (!population) throw new RangeError('the report has no population that the rules could be run on');
    return run(populations, population, rules);
  },

  summarise: (bodies) => ruleFacts(bodies as readonly RuleBody[]),
};

const noRules =
  'no rule follows from the profile of the population: a test manager can skip data profiling, or import another population';

/** The rules on single columns, and those on pairs that were tried on the population. */
async function rulesOf(
  populations: Pick<PopulationStore, 'runRules'>,
  population: ReadyPopulation,
  facts: ProfileFacts,
): Promise<{ rules: ProposedRule[]; pairs: { readonly [key: string]: Json } }> {
  const single = proposeRules(facts);
  const { pairs, leftOut } = orderedPairs(facts);
  const { populationHash, keyColumn } = population;
  const signs = ['<=', '='] as const;
  const trials = pairs.flatMap((pair) => signs.map((sign) => pairRule(pair, sign)));
  const runs = trials.length === 0 ? [] : await populations.runRules(populationHash, keyColumn, trials);
  const tried = pairs.map((pair, at) => {
    const [notAbove = null, equal = null] = signs.map((_, sign) => shareOf(runs[at * signs.length + sign]));
    return { ...pair, notAbove, equal };
  });
  const found = proposePairRules(tried);
  return {
    rules: [...single, ...found.rules],
    pairs: { pairsTried: pairs.length, pairsNotTried: leftOut, pairRulesLeftOut: found.leftOut },
  };
}

/** The population that the line's versions were made from: rules of one version speak of one population, whatever was imported since. */
async function populationOfVersion({ db }: Store, reportId: string): Promise<ReadyPopulation | null> {
  const latest = (await readLine(db, { reportId, phase: 'data-profiling', lob: null })).at(-1);
  const summary = latest ? (JSON.parse(latest.summary_text) as Version['summary']) : {};
  const { populationHash } = summary;
  const found = typeof populationHash === 'string' ? await readPopulation(db, reportId, populationHash) : null;
  const state = found?.population.state;
  return found && state?.kind === 'ready'
    ? { ...state, populationHash: found.population.populationHash }
    : readReadyPopulation(db, reportId);
}

function shareOf(run: RuleRun | undefined): number | null {
  return run && run.checked > 0 ? run.passed / run.checked : null;
}

async function run(
  populations: Pick<PopulationStore, 'runRules'>,
  { populationHash, keyColumn }: ReadyPopulation,
  rules: readonly ProposedRule[],
): Promise<RuleBody[]> {
  const runs = await populations.runRules(populationHash, keyColumn, rules);
  return rules.map(({ kind, attribute, otherAttribute, parameter, description }, at) => {
    const found = runs[at];
    if (!found) throw new Error(`the rule ${kind} of ${attribute} has no result`);
    return { kind, attribute, otherAttribute, parameter, description, ...runFields(found) };
  });
}

function ruleFacts(bodies: readonly RuleBody[]): { readonly [key: string]: Json } {
  return {
    rules: bodies.length,
    rulesWithExceptions: bodies.filter((body) => body.exceptions > 0).length,
    rulesNotRun: bodies.filter((body) => body.fault !== '').length,
  };
}
