// Owns the activities that make and settle versions of the proposed and the recorded phases: they ask makers and domain for the contents
// and have the store keep them, once per key. Samples are draw-sample.ts and revise-sample.ts.
import { basisOf } from '../../domain/activity.ts';
import { planNextVersion } from '../../domain/next-version.ts';
import type { NextItem } from '../../domain/next-version.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ItemBody, Version, WorkflowContext } from '../../domain/version.ts';
import { isWaiting } from '../making/making.ts';
import type { MadePhase, Subject } from '../making/making.ts';
import { makers } from '../making/makers.ts';
import { completeRecords } from '../store/complete-records.ts';
import { makingInput } from '../store/making-input.ts';
import { setProblem } from '../store/phase-line.ts';
import { settleReview } from '../store/settle-review.ts';
import { currentVersion } from '../store/version-rows.ts';
import { makeVersion, proposeVersion } from '../store/versions.ts';
import type { NewItem, NewVersion } from '../store/versions.ts';
import type { ActivityDeps } from './create-activities.ts';
import { keyOf, madeVersion, orRecorded } from './recorded.ts';
import type { FollowUpOf, MadeVersion } from './recorded.ts';
import { CannotBeDone } from './sample-draw.ts';

/** Proposes the first version of a phase. Null when nothing can be made yet, which the report says then, or when nothing is wanted any more. */
export async function proposeFirst(
  deps: ActivityDeps,
  phase: MadePhase,
  subject: Subject,
  workflow: WorkflowContext,
): Promise<MadeVersion | null> {
  const { store, clock } = deps;
  const { reportId, lob } = subject;
  const made = await makers[phase].propose(deps, subject);
  if (isWaiting(made)) {
    await setProblem(store, reportId, made.waiting, clock);
    return null;
  }
  const rows = made.items.map(({ itemKey, body, source }): NewItem => ({
    ...{ itemKey, content: { body }, source },
    ...{ origin: { kind: 'new' }, verdict: 'pending' },
  }));
  const idempotencyKey = keyOf(workflow, { phase, lob }, 'proposal', '1');
  const { summary } = made;
  return madeVersion(
    await proposeVersion(store, { idempotencyKey, reportId, phase, lob, rows, summary, workflow }, clock),
  );
}

/** Makes the version that an author's edits or answers ask for. Null when they cannot be carried out; why stands in the ledger then. */
export async function makeNext(
  deps: ActivityDeps,
  work: FollowUpOf<'make-version'>,
  workflow: WorkflowContext,
): Promise<MadeVersion | null> {
  const { operationId, reportId, versionId, phase, lob } = work;
  const input = await makingInput(deps.store, operationId, versionId);
  const operation = input.change.kind === 'answers' ? 'revise' : 'create';
  return orRecorded(deps, { operationId, reportId, operation }, async () => {
    const planned = planNextVersion(input.version, input.items, input.change, input.actorId);
    if (!planned.ok) throw new CannotBeDone(planned.reason.message);
    const made = await reworked(deps, { phase, reportId, lob }, planned.items);
    const idempotencyKey = keyOf(workflow, work, 'next', operationId);
    const version = await makeVersion(
      deps.store,
      { idempotencyKey, operationId, reportId, versionId, workflow, ...made },
      deps.clock,
    );
    return madeVersion(version);
  });
}

/** The rows of the version and what the summary says of them; what follows from fields that a person changed is worked out anew. */
async function reworked(
  deps: ActivityDeps,
  place: { phase: PhaseSlug; reportId: string; lob: string | null },
  items: readonly NextItem[],
): Promise<Pick<NewVersion, 'rows' | 'summary'>> {
  const changed = items.filter((item) => item.made !== 'same');
  const bodies = new Map<NextItem, ItemBody>(changed.map((item) => [item, item.body]));
  const maker = isMade(place.phase) ? makers[place.phase] : null;
  if (maker?.rework && changed.length > 0) {
    const asked = changed.map(({ itemKey, body, made }) => ({ itemKey, body, isNew: made === 'new' }));
    const answer = await maker.rework(deps, await subjectOf(deps, place), asked);
    for (const [index, item] of changed.entries()) bodies.set(item, answer[index] ?? item.body);
  }
  const rows = items.map((item): NewItem => {
    const { itemKey, source, origin, verdict, contentHash } = item;
    const body = bodies.get(item);
    return { itemKey, source, origin, verdict, content: body ? { body } : { contentHash } };
  });
  return { rows, summary: maker?.summarise?.(items.map((item) => bodies.get(item) ?? item.body)) ?? {} };
}

function isMade(phase: PhaseSlug): phase is MadePhase {
  return Object.hasOwn(makers, phase);
}

/** What the phase rests on now. */
async function subjectOf(
  { store }: ActivityDeps,
  { phase, reportId, lob }: { phase: PhaseSlug; reportId: string; lob: string | null },
): Promise<Subject> {
  const slugs = isMade(phase) ? basisOf[phase] : [];
  const basis: { phase: PhaseSlug; versionId: string }[] = [];
  for (const slug of slugs) {
    const version = await currentVersion(store.db, reportId, slug, phaseOf(slug).scope === 'lob' ? lob : null);
    if (version) basis.push({ phase: slug, versionId: version.versionId });
  }
  return { reportId, lob, basis };
}

/** Makes the version of a phase whose records are complete. */
export async function completePhase(
  deps: ActivityDeps,
  work: FollowUpOf<'complete-phase'>,
  workflow: WorkflowContext,
): Promise<MadeVersion | null> {
  const { operationId, reportId, phase, lob } = work;
  return orRecorded(deps, { operationId, reportId, operation: 'create' }, async () => {
    const idempotencyKey = keyOf(workflow, work, 'complete', operationId);
    const input = { idempotencyKey, operationId, reportId, phase, lob, workflow };
    return madeVersion(await completeRecords(deps.store, input, deps.clock));
  });
}

const settled = { approved: 'approve', rejected: 'reject', 'revision-requested': 'revise' } as const;

/** Carries out what an applied review, or the last signature, said of a version. */
export async function settle(
  deps: ActivityDeps,
  work: FollowUpOf<'settle-review'>,
  workflow: WorkflowContext,
): Promise<(MadeVersion & Pick<Version, 'status'>) | null> {
  const { operationId, reportId, versionId, verdict } = work;
  return orRecorded(deps, { operationId, reportId, operation: settled[verdict] }, async () => {
    const idempotencyKey = keyOf(workflow, work, 'settle', operationId);
    const input = { idempotencyKey, operationId, reportId, versionId, verdict, workflow };
    const { number, status } = await settleReview(deps.store, input, deps.clock);
    return { versionId, number, status };
  });
}
