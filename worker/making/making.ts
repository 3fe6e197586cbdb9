// Owns the form of a maker: what the items of a phase's version are made from, and what comes out. Writes nothing;
// keeping a version is the store's, calling a maker the activities'.
import type { ProposedPhase } from '../../domain/activity.ts';
import type { Json } from '../../domain/canonical.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ItemBody, ItemSource } from '../../domain/version.ts';
import type { ContentStore } from '../content/content-store.ts';
import type { PopulationStore } from '../population/population-store.ts';
import type { Recommender } from '../recommender/recommender.ts';
import type { Store } from '../store/store.ts';

/** The phases whose first version is proposed. Of samples only rows are recommended: see sample-selection.ts. */
export type MadePhase = Exclude<ProposedPhase, 'sample-selection'>;

/** What makers read from. */
export interface MakingDeps {
  store: Store;
  populations: PopulationStore;
  contents: ContentStore;
  recommender: Recommender;
  /** The time now, ISO-8601 UTC. */
  clock(): string;
  log(line: string): void;
}

/** What something is made for, and the approved versions that it rests on (`basisOf`); a phase that was skipped has none. */
export interface Subject {
  reportId: string;
  lob: string | null;
  basis: readonly { phase: PhaseSlug; versionId: string }[];
}

export interface MadeItem {
  itemKey: string;
  body: ItemBody;
  source: ItemSource;
}

export interface MadeItems {
  /** In the order of the version. */
  items: MadeItem[];
  /** Facts about the whole, kept as the version's summary. */
  summary: { readonly [key: string]: Json };
}

/** Why nothing can be made yet: one sentence for a person, which says what to do. */
export interface Waiting {
  waiting: string;
}

/** An item that a person added or changed. */
export interface ChangedItem {
  itemKey: string;
  body: ItemBody;
  isNew: boolean;
}

export interface Maker {
  /** The items of a phase's first version. Repeatable: the same data gives the same items. */
  propose(deps: MakingDeps, subject: Subject): Promise<MadeItems | Waiting>;
  /**
   * Works out anew what follows from fields that a person changed; answers with the whole bodies, in the same order. Absent: nothing
   * follows from them.
   */
  rework?(deps: MakingDeps, subject: Subject, items: readonly ChangedItem[]): Promise<ItemBody[]>;
  /**
   * The facts of the summary that follow from the items alone, for a version with these bodies: those of the version before would
   * be out of date after an edit. Absent: no fact does.
   */
  summarise?(bodies: readonly ItemBody[]): { readonly [key: string]: Json };
}

/** True when nothing could be made. */
export function isWaiting(made: object): made is Waiting {
  return 'waiting' in made;
}

/** The version of a phase that something rests on, null when that phase was skipped. */
export function basisVersion(subject: Subject, phase: PhaseSlug): string | null {
  return subject.basis.find((entry) => entry.phase === phase)?.versionId ?? null;
}
