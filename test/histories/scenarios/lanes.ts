// Scenarios of lines of business: paused, cancelled, added, over their deadline, with documents that are handed in anew.
import { randomUUID } from 'node:crypto';
import { queries } from '../../../domain/change.ts';
import type { LaneProgress } from '../../../domain/report-progress.ts';
import { at, applied, isIn, skipping } from '../../worker/cycle-world.ts';
import type { Cycle } from '../../worker/cycle-world.ts';
import { eventually, controlLane, hasLanes, inLanes, lane, laneId, skip, untilSamples } from '../scenario.ts';
import type { Given, Scenario } from '../scenario.ts';

export const lanes: readonly Scenario[] = [
  { name: 'lane-paused', run: lanePaused },
  { name: 'lane-cancelled', run: laneCancelled },
  { name: 'lane-added', run: laneAdded },
  { name: 'lane-expired', run: laneExpired },
  { name: 'lanes-cancelled-one-by-one', run: allCancelled },
  { name: 'documents-handed-in-anew', run: documentsAnew },
];

/** What is skipped meanwhile is skipped afterwards. */
async function lanePaused(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  await controlLane(cycle, 'cards', 'pause');
  await lane(cycle, 'cards', 'paused');
  if (hasLanes(given)) {
    const handle = given.world.client.workflow.getHandle(laneId(cycle, 'cards'));
    await eventually(async () => (await handle.query<LaneProgress>(queries.progress)).paused);
  }
  await skip(cycle, 'cards', 'request-info');
  await controlLane(cycle, 'cards', 'resume');
  await cycle.tara.phase(at(cycle, 'test-execution', 'cards'), isIn('in-work'));
  return cycle;
}

/** The other one goes on, or has its turn now. */
async function laneCancelled(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  await controlLane(cycle, 'cards', 'cancel');
  await cycle.tara.phase(at(cycle, 'request-info', 'loans'), isIn('in-work'));
  await skip(cycle, 'loans', 'request-info', 'test-execution');
  await lane(cycle, 'loans', 'finished');
  await cycle.tara.phase(at(cycle, 'test-report'), isIn('in-work'));
  return cycle;
}

/** One without samples is added: it skips its phases, where lanes follow one another after the others were skipped. */
async function laneAdded(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  await controlLane(cycle, 'branch', 'add');
  if (hasLanes(given)) await lane(cycle, 'branch', 'finished');
  await skip(cycle, null, 'request-info', 'test-execution');
  for (const lob of ['branch', 'cards', 'loans']) await lane(cycle, lob, 'finished');
  return cycle;
}

async function laneExpired(given: Given): Promise<Cycle> {
  const deadlines = [{ phase: 'request-info' as const, dueAfterSeconds: 3, remindBeforeSeconds: 0 }];
  const cycle = await inLanes(given, { deadlines });
  await cycle.tara.phase(at(cycle, 'request-info', 'cards'), ({ outcome }) => outcome === 'expired');
  return cycle;
}

async function allCancelled(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given, { skips: skipping(...untilSamples, 'request-info') });
  await cycle.tara.phase(at(cycle, 'test-execution', 'cards'), isIn('in-work'));
  for (const lob of ['cards', 'loans']) await controlLane(cycle, lob, 'cancel');
  await cycle.tara.phase(at(cycle, 'test-report'), isIn('in-work'));
  return cycle;
}

/** The first file is not what was asked for. */
async function documentsAnew(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  const { reportId, tara, dana } = cycle;
  const place = at(cycle, 'request-info', 'cards');
  await dana.phase(place, isIn('in-work'));
  const documentId = randomUUID();
  const of = { reportId, lob: 'cards', documentId };
  for (const [index, verdict] of (['rejected', 'accepted'] as const).entries()) {
    const file = await dana.handOver(reportId, `ID,BALANCE\n1,${index}\n`);
    const named = { ...file, title: 'Extract', fileName: 'cards.csv', effectiveDate: '2026-09-30', note: '' };
    await applied(dana.settled({ kind: 'document.submit', ...of, ...named, seenRevision: 2 * index }));
    const reason = verdict === 'rejected' ? 'of another year' : '';
    await applied(tara.settled({ kind: 'document.review', ...of, seenRevision: 2 * index + 1, verdict, reason }));
  }
  await applied(tara.settled({ kind: 'phase.complete', ...place, withoutSamples: [], note: '' }));
  await tara.phase(at(cycle, 'test-execution', 'cards'), isIn('in-work'));
  return cycle;
}
