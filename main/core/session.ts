// Owns one opened profile: its key, its two files, its sync and its imports, put together. Knows no other profile and no command.
import { openCache } from './cache/cache.ts';
import type { Cache } from './cache/cache.ts';
import { noteDamage } from './damages.ts';
import type { Desk } from './desk/desk.ts';
import { pathsOf } from './data-folder.ts';
import type { GatewayPool } from './sync/gateway-pool.ts';
import { createImports } from './imports/imports.ts';
import type { Imports } from './imports/imports.ts';
import type { KeyVault } from './keys.ts';
import { openOutbox } from './outbox/outbox.ts';
import type { Author, FilePurpose, Outbox } from './outbox/outbox.ts';
import { openProfileKey, profileFiles } from './profiles.ts';
import type { StoredProfile } from './profiles.ts';
import type { ServerControl } from './server-control.ts';
import { createSignedReads } from './sync/signed-reads.ts';
import { lastSeenSetting } from './sync/board.ts';
import { createSync } from './sync/sync.ts';
import type { Sync, SyncStep, SyncTiming } from './sync/sync.ts';
import type { ImportJob } from '../../preload/contract.ts';

export interface SessionOptions {
  dataDir: string;
  vault: KeyVault;
  server: ServerControl;
  gateways: GatewayPool;
  solo: boolean;
  log(line: string): void;
  now(): string;
  timing?: Partial<SyncTiming> | undefined;
  step?: ((name: SyncStep) => void | Promise<void>) | undefined;
  /** The switch of solo mode, which all practice identities share; a team's profile keeps its own. */
  workOfflineTogether(): boolean;
  /** `purpose` is null while nobody said what a received file is. */
  onJob(session: Session, job: ImportJob, purpose: FilePurpose | null): void;
}

export interface Session extends Desk {
  readonly profile: StoredProfile;
  readonly cache: Cache;
  readonly outbox: Outbox;
  readonly author: Author;
  readonly sync: Sync;
  readonly imports: Imports;
  /** Signed and queued in one transaction; answers with the operation ids. */
  queue(bodies: Parameters<Outbox['queue']>[0]): string[];
  /** True while something of this profile is on its way. */
  unfinished(): boolean;
  close(): Promise<void>;
}

/** Opens a profile. @throws CommandFailure when its key or its files cannot be used. */
export function openSession(profile: StoredProfile, options: SessionOptions): Session {
  const { dataDir, now } = options;
  const files = profileFiles(dataDir, profile.personId);
  const key = openProfileKey(dataDir, profile, options.vault);
  const log = (line: string): void => options.log(`${profile.personId}: ${line}`);
  const outbox = openOutbox({ file: files.outbox, deviceId: profile.deviceId });
  let cache: Cache;
  try {
    cache = openCache({ file: files.cache, outboxFile: files.outbox });
  } catch (error) {
    outbox.close();
    throw error;
  }
  for (const [what, aside] of [
    ['outbox', outbox.setAside],
    ['cache', cache.setAside],
  ] as const) {
    if (!aside) continue;
    log(`${aside.message} (${aside.file}: ${aside.reason})`);
    noteDamage(outbox, { what, foundAt: now(), file: aside.file, message: aside.message });
  }
  const author: Author = {
    actorId: profile.personId,
    deviceId: profile.deviceId,
    sign: (operation) => key.sign('operation', operation),
  };
  // An outbox that is younger than the cache: the one before was lost, and with it which numbers were used up. The
  // receipts say it, so they are read again.
  const isOutboxLost = outbox.setting(lastSeenSetting) === null && Object.keys(cache.cursors()).length > 0;
  if (isOutboxLost) cache.rewind();
  // For the same reason the numbers of reads start no lower than the time: the worker refuses lower ones as replayed.
  const reads = createSignedReads(profile, key, () => outbox.nextCounter('signed-reads', Date.parse(now())));
  const workOffline = (): boolean =>
    options.solo ? options.workOfflineTogether() : outbox.setting('work-offline') === true;
  const imports = createImports({
    ...{ outbox, cache, author, reads, now, log, solo: options.solo },
    incoming: pathsOf(dataDir).incoming,
    whyWaiting: () => whyWaiting(sync),
    onJob: (job, purpose) => options.onJob(session, job, purpose),
  });
  const sync = createSync({
    ...{ outbox, cache, reads, workOffline, now, log, server: options.server, gateways: options.gateways },
    ...{ timing: options.timing, step: options.step },
    whileConnected: imports.run,
    otherWork: imports.busy,
  });
  sync.onChange(imports.follow);
  const session: Session = {
    ...{ profile, personId: profile.personId, cache, outbox, author, sync, imports, now },
    queue: (bodies) => outbox.queue(bodies, author, now()).map((operation) => operation.operationId),
    unfinished: () => outbox.queuedOperations() + outbox.sentOperations() > 0 || imports.unfinished(),
    async close() {
      await sync.stop();
      await imports.close();
      cache.close();
      outbox.close();
    },
  };
  return session;
}

function whyWaiting(sync: Sync): string {
  const { state } = sync.status();
  return 'message' in state ? state.message : 'It is next in line';
}
