// Owns the activity that makes the next version from a tester's answers: carried, kept and replaced rows, once per operation.
import { contentHash } from '../../domain/canonical.ts';
import { planRevision } from '../../domain/revision.ts';
import type { RevisionStep } from '../../domain/revision.ts';
import type { ItemBody, WorkflowContext } from '../../domain/version.ts';
import { revisionInput } from '../store/making-input.ts';
import type { RevisionInput } from '../store/making-input.ts';
import { createRevision } from '../store/versions.ts';
import type { NewItem } from '../store/versions.ts';
import type { ActivityDeps } from './create-activities.ts';
import { keyOf, madeVersion, orRecorded } from './recorded.ts';
import type { FollowUpOf, MadeVersion } from './recorded.ts';
import { CannotBeDone, drawReplacements } from './sample-draw.ts';
import type { DrawnRow } from './sample-draw.ts';

/** The version, or null when the answers cannot be carried out; why stands in the ledger then. */
export async function reviseSampleVersion(
  deps: ActivityDeps,
  work: FollowUpOf<'revise-sample'>,
  workflow: WorkflowContext,
): Promise<MadeVersion | null> {
  const { store, populations, clock } = deps;
  const { operationId, reportId, versionId } = work;
  const input = await revisionInput(store, versionId, operationId);
  return orRecorded(deps, { operationId, reportId, operation: 'revise' }, async () => {
    const { populationHash, keyColumn } = input.plan.request;
    const keys = input.items.map((item) => item.itemKey);
    const bodies = await populations.rowsByKey(populationHash, keyColumn, keys);
    const rows = await revisedRows(deps, input, bodies);
    const place = { phase: 'sample-selection', lob: input.version.lob } as const;
    const idempotencyKey = keyOf(workflow, place, 'revision', operationId);
    const version = await createRevision(
      store,
      { idempotencyKey, operationId, reportId, versionId, rows, workflow },
      clock,
    );
    return madeVersion(version);
  });
}

async function revisedRows(
  { populations }: Pick<ActivityDeps, 'populations'>,
  input: RevisionInput,
  bodies: ReadonlyMap<string, ItemBody>,
): Promise<NewItem[]> {
  const { items, version, answers, plan, used, usedKeys } = input;
  const currentHash = (itemKey: string): string | null => {
    const body = bodies.get(itemKey);
    return body ? contentHash(body) : null;
  };
  const planned = planRevision(items, version.number, answers, currentHash);
  if (!planned.ok) throw new CannotBeDone(planned.reason.message);
  const wanted = planned.steps.filter((step) => step.kind === 'replace');
  const usedUpTo = new Map(used.map(({ stratum, drawPositions }) => [stratum, drawPositions.at(-1) ?? 0]));
  const drawn = await drawReplacements(populations, plan, wanted, usedUpTo, new Set(usedKeys));
  return planned.steps.map((step) => rowOf(step, drawn, bodies));
}

function rowOf(
  step: RevisionStep,
  drawn: ReadonlyMap<number, DrawnRow>,
  bodies: ReadonlyMap<string, ItemBody>,
): NewItem {
  if (step.kind === 'replace') {
    const row = drawn.get(step.position);
    if (!row) throw new Error(`no row was drawn for position ${step.position}`);
    const { itemKey, body, source } = row;
    return { itemKey, content: { body }, source, origin: step.origin, verdict: 'pending' };
  }
  const { itemKey, source, origin, verdict } = step;
  const body = origin.kind === 're-opened' ? bodies.get(itemKey) : undefined;
  return { itemKey, content: body ? { body } : { contentHash: step.contentHash }, source, origin, verdict };
}
