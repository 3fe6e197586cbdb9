// A data folder with the core on it, for tests without a server: what the host gives, made simple. Knows no worker.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore } from '../../../main/core/core.ts';
import type { Core, CoreOptions } from '../../../main/core/core.ts';
import type { ServerControl } from '../../../main/core/server-control.ts';
import { privateFileVault } from '../../../main/vaults.ts';
import type { ServerState } from '../../../preload/contract.ts';

/** A folder that is removed by `remove`. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'countersign-core-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A server whose state the test says. */
export function saidServer(
  first: ServerState = { kind: 'stopped' },
): ServerControl & { say(state: ServerState): void; calls: string[] } {
  const listeners = new Set<(state: ServerState) => void>();
  const calls: string[] = [];
  let state = first;
  return {
    calls,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    say(next) {
      state = next;
      for (const listener of listeners) listener(next);
    },
    start: async () => void calls.push('start'),
    stop: async () => void calls.push('stop'),
    cancelPreparation: () => void calls.push('cancel'),
  };
}

/** What every core of a test is opened with. */
export function coreOptions(dataDir: string, more: Partial<CoreOptions> = {}): CoreOptions {
  return {
    dataDir,
    profile: null,
    server: saidServer(),
    vault: privateFileVault,
    version: '0.0.0',
    log: () => undefined,
    solo: true,
    syncAfterMs: 0,
    ...more,
  };
}

export function coreOn(dataDir: string, more: Partial<CoreOptions> = {}): Core {
  return openCore(coreOptions(dataDir, more));
}

/** Asks again until the answer is there; a test's own time limit ends it. */
export async function until<Answer>(
  ask: () => Answer | null | undefined | false | Promise<Answer | null | undefined | false>,
): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
