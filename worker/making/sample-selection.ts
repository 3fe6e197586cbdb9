// Owns what recommended samples are made from: rows of the population that fail approved profiling rules on attributes in scope.
// Who picks among them is the recommender's; samples themselves are drawn or named by people.
import type { RuleBody, ScopingBody } from '../../domain/phase-item.ts';
import { ruleWords } from '../../domain/profiling-rules.ts';
import { pickTargets, targetLimit } from '../../domain/targeting.ts';
import type { FailingRow } from '../../domain/targeting.ts';
import type { ItemBody } from '../../domain/version.ts';
import type { Candidate, Recommended } from '../recommender/recommender.ts';
import { readReadyPopulation } from '../store/scope.ts';
import type { Store } from '../store/store.ts';
import { approvedBodies, approvedItems } from './approved-items.ts';
import { basisVersion } from './making.ts';
import type { MakingDeps, Subject, Waiting } from './making.ts';
import { noPopulation } from './planning.ts';

/** The most rows that a recommender may choose from; with their values they stay a small prompt. */
const offeredLimit = 60;
/** Rows of one rule that are looked at, those that fail most rules first. */
const rowsPerRule = 20;

type FailedRule = { itemKey: string; body: RuleBody };

/**
 * Recommends rows to look at beside the random sample; none where no approved rule has exceptions.
 * @param running.attempt which try of the activity this is, from 1.
 * @throws RecommenderFault as the recommender does, so that the activity is tried again.
 */
export async function recommendRows(
  { store, populations, recommender }: Pick<MakingDeps, 'store' | 'populations' | 'recommender'>,
  subject: Subject,
  running: { attempt: number; signal?: AbortSignal },
): Promise<Recommended | Waiting> {
  const population = await readReadyPopulation(store.db, subject.reportId);
  if (!population) return noPopulation;
  const rules = await rulesInScope(store, subject);
  const { populationHash, keyColumn } = population;
  // Without a key no row can be named.
  if (keyColumn === null || rules.length === 0) return nothing;
  const bodies = rules.map(({ body }) => body);
  const failing = await populations.failingRows(populationHash, keyColumn, bodies, rowsPerRule);
  if (failing.length === 0) return nothing;
  const offered = offer(
    failing.map(({ itemKey, failed }) => ({ itemKey, rules: failed.flatMap((index) => rules[index] ?? []) })),
  );
  const rows = await populations.rowsByKey(
    populationHash,
    keyColumn,
    offered.map(({ itemKey }) => itemKey),
  );
  const candidates = offered.map((row) => candidateOf(row, rows.get(row.itemKey) ?? {}));
  return recommender.recommend({ candidates, limit: targetLimit, ...running });
}

const nothing: Recommended = { picks: [], by: { kind: 'rules' }, fallback: '' };

/** The approved rules on attributes in scope; without scoping all, without profiling none. */
async function rulesInScope(store: Store, subject: Subject): Promise<FailedRule[]> {
  const rules = (await approvedItems<RuleBody>(store, basisVersion(subject, 'data-profiling'))) ?? [];
  const scoping = await approvedBodies<ScopingBody>(store, basisVersion(subject, 'scoping'));
  if (!scoping) return rules;
  const inScope = new Set(scoping.filter((row) => row.inScope).map((row) => row.attribute));
  return rules.filter(
    ({ body }) => inScope.has(body.attribute) || (body.otherAttribute !== null && inScope.has(body.otherAttribute)),
  );
}

interface RuledRow {
  itemKey: string;
  rules: FailedRule[];
}

function failingRow({ itemKey, rules }: RuledRow): FailingRow {
  return { itemKey, failed: rules.map((rule) => ({ ruleKey: rule.itemKey, words: ruleWords(rule.body) })) };
}

/** As many rows as may be chosen from, spread over the rules; in the order they came in. */
function offer(rows: readonly RuledRow[]): RuledRow[] {
  const picked = new Set(pickTargets(rows.map(failingRow), offeredLimit).map(({ itemKey }) => itemKey));
  return rows.filter(({ itemKey }) => picked.has(itemKey));
}

function candidateOf(row: RuledRow, body: ItemBody): Candidate {
  const told = new Set(
    row.rules.flatMap(({ body: { attribute, otherAttribute } }) => [attribute, otherAttribute ?? attribute]),
  );
  return { ...failingRow(row), body: Object.fromEntries(Object.entries(body).filter(([name]) => told.has(name))) };
}
