// Owns the sign of life of long activities: without it a killed worker stalls them for their whole time-out.
import { Context } from '@temporalio/activity';

const beatMs = 1_000;

/** Runs work while telling Temporal that it lives; `signal` is aborted when the activity is cancelled or its worker stops. */
export async function withHeartbeat<Result>(
  stopping: AbortSignal,
  work: (context: { signal: AbortSignal; beat(detail: string): void }) => Promise<Result>,
): Promise<Result> {
  const context = Context.current();
  let detail = '';
  const timer = setInterval(() => context.heartbeat(detail), beatMs);
  const signal = AbortSignal.any([context.cancellationSignal, stopping]);
  try {
    return await work({
      signal,
      beat: (text) => {
        detail = text;
      },
    });
  } catch (error) {
    // What an interrupted library throws says nothing; the cancellation does.
    if (context.cancellationSignal.aborted) throw context.cancellationSignal.reason;
    throw error;
  } finally {
    clearInterval(timer);
  }
}
