// Owns what scoping's first version is made from: the approved attributes and the approved profiling rules. What follows is
// domain/scoping.ts.
import type { AttributeBody, RuleBody, ScopingBody } from '../../domain/phase-item.ts';
import { proposeAttributes } from '../../domain/planning.ts';
import { proposeScoping, scopingSummary } from '../../domain/scoping.ts';
import { readReadyPopulation } from '../store/scope.ts';
import type { Store } from '../store/store.ts';
import { approvedBodies } from './approved-items.ts';
import { basisVersion } from './making.ts';
import type { Maker, Subject } from './making.ts';
import { noPopulation } from './planning.ts';

/** A changed decision changes no other field: no rework. */
export const scopingMaker: Maker = {
  async propose({ store }, subject) {
    const attributes = await attributesOf(store, subject);
    if (!attributes) return noPopulation;
    const rules = await approvedBodies<RuleBody>(store, basisVersion(subject, 'data-profiling'));
    const decisions = proposeScoping(attributes, rules);
    return {
      items: decisions.map((body) => ({ itemKey: body.attribute, body, source: { kind: 'proposed' } })),
      summary: {
        planningVersionId: basisVersion(subject, 'planning'),
        profilingVersionId: basisVersion(subject, 'data-profiling'),
        ...scopingSummary(decisions),
      },
    };
  },
  summarise: (bodies) => scopingSummary(bodies as readonly ScopingBody[]),
};

/** The approved attributes; where planning was skipped those that it would have proposed. Null without a population. */
async function attributesOf(store: Store, subject: Subject): Promise<AttributeBody[] | null> {
  const planned = await approvedBodies<AttributeBody>(store, basisVersion(subject, 'planning'));
  if (planned) return planned;
  const population = await readReadyPopulation(store.db, subject.reportId);
  return population && proposeAttributes(population.columns, population.rowCount, population.keyColumn);
}
