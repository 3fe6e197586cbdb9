// Owns the form of a recommender: which rows of the population somebody should look at besides the random sample.
// Knows neither the store nor who recommends.
import type { Recommendation } from '../../domain/change.ts';
import type { FailingRow } from '../../domain/targeting.ts';
import type { ItemBody } from '../../domain/version.ts';

/** A row that may be picked: the approved rules that it fails, in the order of their version, and what it says about them. */
export interface Candidate extends FailingRow {
  /** The attributes that its failed rules speak of, and no more: what is not needed is not told. */
  body: ItemBody;
}

export interface RecommendationRequest {
  /** Each key once, in the canonical order of the keys. */
  candidates: readonly Candidate[];
  /** The most rows to pick. */
  limit: number;
  /** Which try of the activity this is, from 1. */
  attempt: number;
  /** Aborted when the activity is cancelled or its worker stops. */
  signal?: AbortSignal | undefined;
}

export type Recommended = Pick<Recommendation, 'picks' | 'by' | 'fallback'>;

export interface Recommender {
  /** @throws RecommenderFault when what it asks did not answer, or not as agreed. */
  recommend(request: RecommendationRequest): Promise<Recommended>;
}

/** What went wrong with a recommender that asks somebody else. `message` holds no credential and no contents of rows. */
export class RecommenderFault extends Error {
  override name = 'RecommenderFault';
  readonly kind: 'unreachable' | 'timed-out' | 'http-status' | 'bad-answer';

  constructor(kind: RecommenderFault['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
