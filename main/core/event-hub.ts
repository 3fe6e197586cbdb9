// Owns telling subscribers: events are gathered and told at most 20 times a second. Knows no command and no window.
import type { Notification } from '../../domain/change.ts';
import type { CoreEvent, ImportJob, Profile, SyncStatus } from '../../preload/contract.ts';
import type { CacheChange } from './cache/cache.ts';
import { messageOf } from './failure.ts';

const intervalMs = 50;

export interface EventHub {
  subscribe(listener: (event: CoreEvent) => void): () => void;
  /** The status changed; it is read when it is told. */
  sync(): void;
  changed(source: 'feed' | 'outbox', change: CacheChange): void;
  import(job: ImportJob): void;
  /** Each is told, in order. */
  notification(notification: Notification): void;
  profile(profile: Profile): void;
  close(): void;
}

interface Gathered {
  sync: boolean;
  changed: Map<'feed' | 'outbox', { reportIds: Set<string>; versionIds: Set<string>; directory: boolean }>;
  jobs: Map<string, ImportJob>;
  notifications: Notification[];
  profile: Profile | null;
}

const nothing = (): Gathered => ({
  sync: false,
  changed: new Map(),
  jobs: new Map(),
  notifications: [],
  profile: null,
});

/** @param status the active profile's status; null while there is no profile. */
export function createEventHub(status: () => SyncStatus | null, log: (line: string) => void): EventHub {
  const listeners = new Set<(event: CoreEvent) => void>();
  let gathered = nothing();
  let timer: NodeJS.Timeout | null = null;
  let toldAt = -Infinity;
  let closed = false;

  const flush = (): void => {
    timer = null;
    toldAt = performance.now();
    const told = gathered;
    gathered = nothing();
    for (const event of eventsOf(told, status)) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (error) {
          // One window that fails must not silence the others.
          log(`a subscriber failed on "${event.kind}": ${messageOf(error)}`);
        }
      }
    }
  };
  const soon = (): void => {
    if (closed) return;
    timer ??= setTimeout(flush, Math.max(0, intervalMs - (performance.now() - toldAt)));
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sync() {
      gathered.sync = true;
      soon();
    },
    changed(source, change) {
      const before = gathered.changed.get(source) ?? { reportIds: new Set(), versionIds: new Set(), directory: false };
      for (const reportId of change.reportIds) before.reportIds.add(reportId);
      for (const versionId of change.versionIds) before.versionIds.add(versionId);
      before.directory ||= change.directory;
      gathered.changed.set(source, before);
      soon();
    },
    import(job) {
      gathered.jobs.set(job.importId, job);
      soon();
    },
    notification(notification) {
      gathered.notifications.push(notification);
      soon();
    },
    profile(profile) {
      gathered.profile = profile;
      soon();
    },
    close() {
      closed = true;
      if (timer) clearTimeout(timer);
      timer = null;
      listeners.clear();
    },
  };
}

function eventsOf(told: Gathered, status: () => SyncStatus | null): CoreEvent[] {
  const current = told.sync ? status() : null;
  return [
    ...(told.profile ? [{ kind: 'profile' as const, profile: told.profile }] : []),
    ...[...told.changed].map(([source, change]) => ({
      ...{ kind: 'changed' as const, source, directory: change.directory },
      reportIds: [...change.reportIds],
      versionIds: [...change.versionIds],
    })),
    ...[...told.jobs.values()].map((job) => ({ kind: 'import' as const, job })),
    ...told.notifications.map((notification) => ({ kind: 'notification' as const, notification })),
    ...(current ? [{ kind: 'sync' as const, status: current }] : []),
  ];
}
