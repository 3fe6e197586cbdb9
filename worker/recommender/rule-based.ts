// Owns the recommender that is always there: it picks by rule, without a network, and the same rows for the same candidates.
import { pickTargets } from '../../domain/targeting.ts';
import type { Recommender } from './recommender.ts';

export const ruleBased: Recommender = {
  recommend: ({ candidates, limit }) =>
    Promise.resolve({ picks: pickTargets(candidates, limit), by: { kind: 'rules' }, fallback: '' }),
};
