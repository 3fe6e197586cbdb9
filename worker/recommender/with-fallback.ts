// Owns what happens when a model does not serve: it is asked again, and after its last attempt the rules take over and say why.
import { retryPolicies } from '../../domain/retry-policy.ts';
import { RecommenderFault } from './recommender.ts';
import type { Recommender } from './recommender.ts';

/** Asks `model` first. Its fault goes on while attempts are left, so that the activity is tried again. */
export function withFallback(model: Recommender, rules: Recommender): Recommender {
  return {
    async recommend(request) {
      try {
        return await model.recommend(request);
      } catch (error) {
        if (!(error instanceof RecommenderFault) || request.attempt < retryPolicies.llm.attempts) throw error;
        const answer = await rules.recommend(request);
        return { ...answer, fallback: `the model did not serve in ${request.attempt} attempts: ${error.message}` };
      }
    },
  };
}
