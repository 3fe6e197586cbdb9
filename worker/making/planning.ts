// Owns what planning's first version is made from: the profile of the population. Which attributes follow is domain/planning.ts.
import { criticalRule, planningSummary, proposeAttributes } from '../../domain/planning.ts';
import type { AttributeBody } from '../../domain/phase-item.ts';
import { readReadyPopulation } from '../store/scope.ts';
import type { ReadyPopulation } from '../store/scope.ts';
import type { Maker, Waiting } from './making.ts';

/** Nothing else follows from the fields that people edit: no rework. */
export const planningMaker: Maker = {
  async propose({ store }, { reportId }) {
    const population = await readReadyPopulation(store.db, reportId);
    if (!population) return noPopulation;
    const { columns, rowCount, keyColumn } = population;
    const attributes = proposeAttributes(columns, rowCount, keyColumn);
    return {
      items: attributes.map((body) => ({ itemKey: body.attribute, body, source: { kind: 'proposed' } })),
      summary: { ...populationFacts(population), criticalRule, ...planningSummary(attributes) },
    };
  },
  summarise: (bodies) => planningSummary(bodies as readonly AttributeBody[]),
};

export const noPopulation: Waiting = {
  waiting: 'no population was imported yet that could be read: import one',
};

/** What a version says of the population that it was made from. */
export function populationFacts({ populationHash, rowCount, keyColumn }: ReadyPopulation) {
  return { populationHash, populationSize: rowCount, keyColumn };
}
