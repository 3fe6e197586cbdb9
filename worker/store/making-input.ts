// Owns what the making of a version rests on: the version before it, its items and what somebody wants changed. Writes nothing;
// what follows from it is domain/next-version.ts and domain/revision.ts.
import type { Kysely } from 'kysely';
import type { NextChange } from '../../domain/next-version.ts';
import type { Answer } from '../../domain/operation.ts';
import type { ReviewedItem } from '../../domain/revision.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { ItemSource, Version } from '../../domain/version.ts';
import { readFollowed } from './follow-up.ts';
import { readPlan } from './sample-rows.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { readReviewedItems, readVersion, readVersionItems, readVersionRow, versionOf } from './version-rows.ts';
import type { VersionItemBody } from './version-rows.ts';

/** All that making the next version of anything but a sample needs. */
export interface MakingInput {
  /** The version that the next one follows from. */
  version: Version;
  items: VersionItemBody[];
  change: NextChange;
  /** Who wants it. */
  actorId: string;
}

/** @throws Error when the version does not exist, or the operation asks for no version. */
export async function makingInput(store: Store, operationId: string, versionId: string): Promise<MakingInput> {
  const { db } = store;
  const version = await readVersion(db, versionId);
  if (!version) throw new Error(`the store has no version ${versionId}`);
  const { change, actorId } = await readFollowed(db, operationId);
  if (!change) throw new Error(`the operation ${operationId} asks for no version`);
  return { version, items: await readVersionItems(db, versionId), change, actorId };
}

/** The `drawPosition`s that a plan's versions took from one stratum, replacements included, ascending. */
export interface UsedPositions {
  stratum: string | null;
  drawPositions: number[];
}

/** All that making a revision of a sample needs. Positions are of all versions drawn with this plan, so that none is drawn twice. */
export interface RevisionInput {
  version: Version;
  plan: RecordedPlan;
  items: ReviewedItem[];
  answers: readonly Answer[];
  used: UsedPositions[];
  /** Every key that a version of this plan ever had. */
  usedKeys: string[];
}

/** @throws Error when the version, its plan or the operation does not exist. */
export async function revisionInput(store: Store, versionId: string, operationId: string): Promise<RevisionInput> {
  const { db } = store;
  const row = await readVersionRow(db, versionId);
  const plan = row?.plan_id ? await readPlan(db, row.plan_id) : null;
  if (!row || !plan) throw new Error(`no drawn version ${versionId} exists`);
  const { change } = await readFollowed(db, operationId);
  const answers = change?.kind === 'answers' ? change.answers : [];
  const items = await readReviewedItems(db, versionId);
  const used = await usedPositions(db, plan.planId);
  return { version: versionOf(row, []), plan, items, answers, used, usedKeys: await usedKeys(db, plan.planId) };
}

async function usedKeys(db: Kysely<Schema>, planId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('items')
    .innerJoin('versions', 'versions.version_id', 'items.version_id')
    .select('items.item_key')
    .distinct()
    .where('versions.plan_id', '=', planId)
    .execute();
  return rows.map((row) => row.item_key);
}

async function usedPositions(db: Kysely<Schema>, planId: string): Promise<UsedPositions[]> {
  const rows = await db
    .selectFrom('items')
    .innerJoin('versions', 'versions.version_id', 'items.version_id')
    .select('items.source_text')
    .distinct()
    .where('versions.plan_id', '=', planId)
    .execute();
  const strata = new Map<string | null, Set<number>>();
  for (const row of rows) {
    const source = JSON.parse(row.source_text) as ItemSource;
    if (source.kind !== 'random') continue;
    const positions = strata.get(source.stratum) ?? new Set<number>();
    strata.set(source.stratum, positions.add(source.drawPosition));
  }
  return [...strata].map(([stratum, positions]) => ({
    stratum,
    drawPositions: [...positions].sort((a, b) => a - b),
  }));
}
