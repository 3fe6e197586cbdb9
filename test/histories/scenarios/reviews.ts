// Scenarios of versions and their reviews: approved, revised, rejected, disputed, signed.
import { randomUUID } from 'node:crypto';
import {
  at,
  editSigned,
  applied,
  beginCycle,
  handIn,
  importRows,
  isIn,
  lobColumn,
  review,
  runProposed,
  runReport,
  sign,
} from '../../worker/cycle-world.ts';
import { skipping } from '../../worker/cycle-world.ts';
import type { Cycle } from '../../worker/cycle-world.ts';
import { driveCycle, driveLane, drivenRows, eventful } from '../../worker/driven-cycle.ts';
import { drawFirst } from '../../worker/worker-world.ts';
import { samplesOnly } from '../../worker/worker-world.ts';
import { inLanes, inPlanning, incorrect, rejectWhole, revisedPlan, revisedSample } from '../scenario.ts';
import type { Given, Scenario } from '../scenario.ts';

export const reviews: readonly Scenario[] = [
  { name: 'signed', run: signed },
  { name: 'approved-at-once', run: approvedAtOnce },
  { name: 'revised-once', run: (given) => planRevised(given, 1) },
  { name: 'revised-twice', run: sampleRevised },
  { name: 'revised-three-times', run: (given) => planRevised(given, 3) },
  { name: 'version-rejected', run: versionRejected },
  { name: 'sample-selection-rejected', run: sampleRejected },
  { name: 'max-revisions-exceeded', run: maxRevisionsExceeded },
  { name: 'observations-disputed', run: observationsDisputed },
  { name: 'all-skipped', run: allSkipped },
  { name: 'sign-off-voided', run: signOffVoided },
];

/** Every phase by its people, with a deviation and replaced samples. */
async function signed({ world }: Given) {
  const cycle = await beginCycle(world, { lobs: lobColumn });
  await driveCycle(cycle, eventful);
  return { reportId: cycle.reportId, ofCycle: cycle.cycleId };
}

async function approvedAtOnce(given: Given): Promise<Cycle> {
  const cycle = await inPlanning(given);
  await runProposed(cycle, at(cycle, 'planning'), cycle.tom);
  return cycle;
}

async function planRevised(given: Given, times: number): Promise<Cycle> {
  const cycle = await inPlanning(given);
  await review(cycle.tom, await revisedPlan(cycle, times));
  await cycle.tara.phase(at(cycle, 'planning'), isIn('completed'));
  return cycle;
}

/** A sample over 60 rows waits for its review. */
async function withSample({ world }: Given): Promise<Cycle> {
  const cycle = await beginCycle(world, { skips: samplesOnly });
  await drawFirst(cycle, 60);
  return cycle;
}

async function sampleRevised(given: Given): Promise<Cycle> {
  const cycle = await withSample(given);
  await review(cycle.olga, await revisedSample(cycle, 2));
  await cycle.tara.phase(at(cycle, 'sample-selection'), isIn('completed'));
  return cycle;
}

/** Rejected whole, then handed in again as it is, with a reason. */
async function versionRejected(given: Given): Promise<Cycle> {
  const cycle = await inPlanning(given);
  const { reportId, tara, tom } = cycle;
  const place = at(cycle, 'planning');
  const { versionId, number } = await handIn(cycle, place);
  const pending = await tom.version(place, (version) => version.status === 'pending');
  expectOutcome(await rejectWhole(cycle, tom, pending), 'VersionRejected');
  const again = { kind: 'version.submit' as const, reportId, versionId, edits: [], note: 'it is of this year' };
  await applied(tara.settled(again));
  await review(
    tom,
    await tara.version(place, (version) => version.number === number + 1 && version.status === 'pending'),
  );
  await tara.phase(place, isIn('completed'));
  return cycle;
}

/** Rejected whole, then drawn anew with another seed. */
async function sampleRejected(given: Given): Promise<Cycle> {
  const cycle = await withSample(given);
  const { reportId, tara, olga } = cycle;
  const place = at(cycle, 'sample-selection');
  const drawn = await olga.version(place, (version) => version.status === 'pending');
  expectOutcome(await rejectWhole(cycle, olga, drawn), 'SampleSelectionRejected');
  await drawAnew(cycle);
  await review(olga, await tara.version(place, (version) => version.number === 2 && version.status === 'pending'));
  await tara.phase(place, isIn('completed'));
  return { ...cycle, reportId };
}

async function drawAnew({ reportId, tara }: Cycle): Promise<void> {
  const planId = randomUUID();
  const ready = await tara.seen((change) => change.kind === 'population' && change.population.reportId === reportId);
  if (ready.kind !== 'population') throw new Error('no population');
  const { populationHash } = ready.population;
  const request = {
    ...{ populationHash, keyColumn: 'ID', lobColumn: null, lob: null, sampleSize: null },
    ...{ risk: 0.05, tolerable: 0.05, expected: 0, seed: '7', seedOrigin: 'given' as const },
  };
  await applied(tara.settled({ kind: 'sample.plan', reportId, planId, request }));
  const redrawReason = 'the first one was rejected';
  await applied(tara.settled({ kind: 'sample.draw', reportId, planId, redrawReason, targeted: [] }));
}

async function maxRevisionsExceeded(given: Given): Promise<Cycle> {
  const cycle = await withSample(given);
  const last = await revisedSample(cycle, 3);
  expectOutcome(await rejectWhole(cycle, cycle.olga, last), 'MaxRevisionsExceeded');
  return cycle;
}

function expectOutcome(outcome: string | null, expected: string): void {
  if (outcome !== expected) throw new Error(`the phase ended as ${outcome}, not as ${expected}`);
}

/** The owner rejects an observation, the lead keeps it as disputed. */
async function observationsDisputed(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  const { reportId, tara, olga, lena } = cycle;
  await driveLane(cycle, 'cards', {});
  const place = at(cycle, 'observations', 'cards');
  const version = await handIn(cycle, place);
  const { versionId } = version;
  await review(olga, version, () => incorrect);
  await lena.phase(place, isIn('in-revision'));
  const answers = (await lena.contents(versionId)).map(({ itemKey, contentHash }) => ({
    ...{ itemKey, contentHash, answer: 'dispute' as const, rationale: 'the extract says so' },
  }));
  await applied(lena.settled({ kind: 'revision.submit', reportId, versionId, answers, note: '' }));
  await review(olga, await olga.version(place, ({ status, revision }) => status === 'pending' && revision === 1));
  await tara.phase(place, isIn('completed'));
  return cycle;
}

/** All that can be left out is: the report is assembled from the population alone, and signed. */
async function allSkipped({ world }: Given): Promise<Cycle> {
  const skips = skipping(
    ...(['planning', 'data-profiling', 'scoping', 'sample-selection', 'data-owner-id'] as const),
    ...(['request-info', 'test-execution', 'observations'] as const),
  );
  const cycle = await beginCycle(world, { lobs: lobColumn, skips });
  await importRows(cycle, drivenRows());
  await runReport(cycle);
  return cycle;
}

/** The signed report is edited and signed anew. */
async function signOffVoided(given: Given): Promise<Cycle> {
  const cycle = await allSkipped(given);
  const { tara, lena, olga } = cycle;
  const place = at(cycle, 'test-report');
  const next = await editSigned(cycle, await tara.version(place, (version) => version.status === 'approved'));
  await applied(sign(lena, next, 'reviewed'));
  await applied(sign(olga, next, 'acknowledged'));
  await tara.version(place, (version) => version.number === 2 && version.status === 'approved');
  return cycle;
}
