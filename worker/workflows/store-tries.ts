// Owns what a workflow does when the store fails for longer than an activity's retries last: say so, wait, try again.
import { TemporalFailure } from '@temporalio/common';
import { isCancellation, sleep } from '@temporalio/workflow';

/** Between two rounds of tries on a failing store; each round adds some ten events to the history. */
const retryPause = { firstMs: 5_000, mostMs: 60_000 };

/**
 * Calls of the store that may fail: each answers null after a failure, when `failing` was told and a pause is over that
 * grows from one failure to the next. What is no failure of the store is thrown.
 */
export function storeTries(
  failing: (message: string) => void,
): <Answer>(call: () => Promise<Answer>) => Promise<Answer | null> {
  let pauseMs = retryPause.firstMs;
  return async (call) => {
    try {
      const answer = await call();
      pauseMs = retryPause.firstMs;
      return answer;
    } catch (error) {
      if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
      failing(rootMessage(error));
      await sleep(pauseMs);
      pauseMs = Math.min(retryPause.mostMs, pauseMs * 2);
      return null;
    }
  };
}

/** Calls the store until it answers. `failing` is told of each failure. */
export async function untilStoreAnswers<Answer>(
  call: () => Promise<Answer>,
  failing: (message: string) => void,
): Promise<Answer> {
  const tried = storeTries(failing);
  for (;;) {
    const answer = await tried(async () => ({ value: await call() }));
    if (answer) return answer.value;
  }
}

/** What went wrong at the bottom: an activity's failure comes wrapped. */
export function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? rootMessage(error.cause) : error.message;
}
