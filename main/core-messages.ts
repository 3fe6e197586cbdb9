// Owns the messages between Electron's main process and the core's process. Types only: both ends are ours.
import type { CoreEvent, Result } from '../preload/contract.ts';
import type { Programs } from './host-core.ts';

/** What the main process says. `seal` is the key for device keys, null where there is no key store. */
export type ToCore =
  | {
      kind: 'open';
      dataDir: string;
      profile: string | null;
      seal: { key: Uint8Array; name: string } | null;
      programs: Programs;
    }
  | { kind: 'ask'; id: number; name: string; input: unknown }
  | { kind: 'receive'; id: number; path: string; reportId: string }
  | { kind: 'cancel'; id: number }
  | { kind: 'close' };

/** What the core's process says. It ends after `closed` and `failed`. */
export type FromCore =
  | { kind: 'opened' }
  | { kind: 'failed'; message: string }
  | { kind: 'answer'; id: number; result: Result<unknown> }
  | { kind: 'event'; event: CoreEvent }
  | { kind: 'closed' };
