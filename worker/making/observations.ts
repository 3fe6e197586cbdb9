// Owns what the observations of a line of business are made from: its recorded test actions. Grouping and wording are the domain's.
import type { TestActionBody } from '../../domain/audit-record.ts';
import { groupObservations } from '../../domain/observations.ts';
import type { Store } from '../store/store.ts';
import { currentVersion, readVersionItems } from '../store/version-rows.ts';
import { basisVersion } from './making.ts';
import type { Maker } from './making.ts';

/** Edits of title, rating, text and recommendation change nothing else: no rework. */
export const observationsMaker: Maker = {
  async propose({ store }, subject) {
    const { reportId, lob } = subject;
    const tested = basisVersion(subject, 'test-execution');
    if (lob === null || tested === null) {
      return { waiting: 'nothing was tested here, so there is nothing to observe: a test manager can skip this phase' };
    }
    const actions = await readVersionItems(store.db, tested);
    const bodies = actions.map(({ body }) => body as TestActionBody);
    const found = groupObservations(bodies, lob, await criticalAttributes(store, reportId));
    if (found.length === 0) {
      return { waiting: `testing found no deviation in ${lob}: a test manager can skip this phase` };
    }
    return {
      items: found.map((body) => ({ itemKey: body.attribute, body, source: { kind: 'proposed' } })),
      summary: {
        testExecutionVersionId: tested,
        testActions: actions.length,
        deviations: found.reduce((sum, { deviations }) => sum + deviations, 0),
      },
    };
  },
};

/** What the approved planning calls critical; nothing when planning was skipped. */
async function criticalAttributes({ db }: Store, reportId: string): Promise<Set<string>> {
  const planning = await currentVersion(db, reportId, 'planning', null);
  if (!planning) return new Set();
  const items = await readVersionItems(db, planning.versionId);
  return new Set(items.filter(({ body }) => body['criticalDataElement'] === true).map(({ itemKey }) => itemKey));
}
