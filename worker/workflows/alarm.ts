// Owns the one timer of a workflow that waits for a moment: set anew only when the moment changes, so that waking costs no events.
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

export interface Alarm {
  /** Rings at this time, in milliseconds since 1970 by the workflow's clock; null takes it back. */
  set(atMs: number | null): void;
  /** True once it rang, until it is set to another time. */
  readonly rang: boolean;
}

export function openAlarm(): Alarm {
  let set: { atMs: number; scope: CancellationScope } | null = null;
  let rang = false;
  return {
    get rang() {
      return rang;
    },
    set(atMs) {
      if (set?.atMs === atMs && !rang) return;
      rang = false;
      set?.scope.cancel();
      set = null;
      if (atMs === null) return;
      const own = { atMs, scope: new CancellationScope() };
      set = own;
      void own.scope
        .run(() => sleep(Math.max(1, atMs - Date.now())))
        .then(
          () => {
            if (set === own) rang = true;
          },
          (error: unknown) => {
            // Taken back, or its workflow was cancelled: whoever waits for that is told otherwise.
            if (!isCancellation(error)) throw error;
          },
        );
    },
  };
}
