// Owns waking something that waits: a ring is never lost, even when nobody waits yet. Knows nothing of what it wakes.

/** Rings are remembered until the next wait, so that "check, then wait" misses none. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, after `limitMs`, or when the signal is aborted, whichever is first. Never rejects. */
  wait(signal: AbortSignal, limitMs?: number): Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let waiting = new Set<() => void>();
  return {
    ring() {
      const woken = waiting;
      waiting = new Set();
      rung = woken.size === 0;
      for (const wake of woken) wake();
    },
    wait(signal, limitMs) {
      if (rung || signal.aborted) {
        rung = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const finish = (): void => {
          waiting.delete(finish);
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          resolve();
        };
        const timer = limitMs === undefined ? undefined : setTimeout(finish, limitMs);
        waiting.add(finish);
        signal.addEventListener('abort', finish, { once: true });
      });
    },
  };
}
