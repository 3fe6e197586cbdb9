// Owns the opened profiles of one data folder: which is active, whose sync runs, who is told. Knows no command.
import { practicePeople } from '../../domain/people.ts';
import type { CoreEvent, Profile } from '../../preload/contract.ts';
import { pathsOf, prepareDataFolder } from './data-folder.ts';
import { unreadNews } from './desk/notifications.ts';
import { createEventHub } from './event-hub.ts';
import { failed, messageOf } from './failure.ts';
import { removeLeftovers } from './imports/leftovers.ts';
import { createGatewayPool } from './sync/gateway-pool.ts';
import type { connect } from './sync/gateway.ts';
import type { KeyVault } from './keys.ts';
import { newsSetting, newsToTell } from './news.ts';
import type { Told } from './news.ts';
import {
  ensureProfile,
  isPracticePerson,
  listProfiles,
  outboxFilesOf,
  readProfile,
  readSettings,
  writeSettings,
} from './profiles.ts';
import type { StoredProfile } from './profiles.ts';
import type { ServerControl } from './server-control.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';
import type { SyncStep, SyncTiming } from './sync/sync.ts';

export interface CoreOptions {
  dataDir: string;
  /** The profile to open; null for the one that was active last. In a team it is made when it is missing. */
  profile: string | null;
  server: ServerControl;
  vault: KeyVault;
  version: string;
  log(line: string): void;
  /** Solo: embedded server, practice identities. Without it: no external server in sight. */
  solo?: boolean | undefined;
  /** How long the first sync waits after opening, in milliseconds, unless somebody asks for it or something is to be sent. */
  syncAfterMs?: number | undefined;
  timing?: Partial<SyncTiming> | undefined;
  step?: ((name: SyncStep) => void | Promise<void>) | undefined;
  connect?: typeof connect | undefined;
}

export interface Core {
  readonly solo: boolean;
  readonly version: string;
  readonly dataDir: string;
  readonly server: ServerControl;
  /** The active profile's session; null in a team before somebody said who they are. */
  active(): Session | null;
  /** An opened profile; in solo mode a practice identity is made on first use. @throws CommandFailure `not-found`. */
  session(name: string): Session;
  /** Every opened one. */
  sessions(): Session[];
  profiles(): Profile[];
  describe(profile: StoredProfile): Profile;
  createProfile(personId: string): Profile;
  switchTo(name: string): Profile;
  setWorkOffline(session: Session, offline: boolean): Promise<void>;
  startServer(): void;
  subscribe(listener: (event: CoreEvent) => void): () => void;
  close(): Promise<void>;
}

const noChange = { reportIds: [], versionIds: [], directory: false };

/** Loading Temporal's client keeps this process busy for a quarter of a second: the first rows come before that. */
const usualSyncAfterMs = 750;

export function openCore(options: CoreOptions): Core {
  const { dataDir, server, vault, log } = options;
  prepareDataFolder(dataDir);
  removeLeftovers(pathsOf(dataDir).incoming, outboxFilesOf(dataDir), log);
  const solo = options.solo ?? (server.state().kind !== 'external' && !process.env['TEMPORAL_ADDRESS']);
  const gateways = createGatewayPool(options.connect);
  const opened = new Map<string, Session>();
  const settings = readSettings(dataDir);
  let active: Session | null = null;
  let closed = false;
  const hub = createEventHub(() => active?.sync.status() ?? null, log);
  const now = (): string => new Date().toISOString();

  const open = (profile: StoredProfile): Session => {
    const existing = opened.get(profile.personId);
    if (existing) return existing;
    const session = openSession(profile, {
      ...{ dataDir, vault, server, gateways, solo, log, now, timing: options.timing, step: options.step },
      workOfflineTogether: () => settings.workOffline,
      onJob(owner, job, purpose) {
        // In solo mode the practice cycle's file is another identity's import; the screen shows it all the same.
        if (owner === active || solo) {
          // A document's upload is part of its row, so whoever shows that reads it again.
          if (purpose?.kind === 'document') hub.changed('outbox', { ...noChange, reportIds: [job.reportId] });
          else hub.import(job);
        }
        keepDelivering(owner);
      },
    });
    opened.set(profile.personId, session);
    session.sync.onStatus(() => {
      // The server is stopped after the profiles are closed, and tells them so.
      if (closed) return;
      if (session === active) hub.sync();
      else rest(session);
    });
    session.sync.onChange((change) => {
      if (session !== active) return;
      hub.changed('feed', change);
      tellNews(session);
    });
    session.outbox.onChange((change) => {
      if (session === active) hub.changed('outbox', { ...change, directory: false });
      keepDelivering(session);
    });
    return session;
  };
  const tellNews = (session: Session): void => {
    const { outbox } = session;
    const before = outbox.setting(newsSetting) as Told | null;
    const { tell, told } = newsToTell(unreadNews(session), before);
    if (told === before) return;
    for (const notification of tell) hub.notification(notification);
    outbox.setSetting(newsSetting, told && { ...told });
  };
  /** A profile that is not on the screen still delivers what it owes. */
  const keepDelivering = (session: Session): void => {
    if (session === active || session.unfinished()) session.sync.start();
  };
  const rest = (session: Session): void => {
    if (session === active || session.unfinished() || session.sync.awaited()) return;
    void session.sync.stop();
  };
  const session = (name: string): Session => {
    const already = opened.get(name);
    if (already) return already;
    if (solo && isPracticePerson(name)) return open(ensureProfile(dataDir, name, vault));
    return open(readProfile(dataDir, name));
  };
  const describe = (profile: StoredProfile): Profile => {
    const known = opened.get(profile.personId)?.cache.person(profile.personId);
    const practice = solo ? practicePeople.find((person) => person.personId === profile.personId) : undefined;
    const person = known ?? practice;
    const { personId, deviceId, publicKey } = profile;
    return {
      ...{ profile: personId, personId, deviceId, publicKey },
      name: person?.name ?? personId,
      roles: [...(person?.roles ?? [])],
      active: active?.personId === personId,
      practice: practice !== undefined,
    };
  };
  const activate = (next: Session): Profile => {
    const before = active;
    active = next;
    if (before === null) syncSoon();
    else next.sync.start();
    if (before && before !== next) rest(before);
    const profile = describe(next.profile);
    hub.profile(profile);
    hub.sync();
    return profile;
  };
  let firstSync: NodeJS.Timeout | undefined;
  const syncSoon = (): void => {
    const start = (): void => active?.sync.start();
    const afterMs = options.syncAfterMs ?? usualSyncAfterMs;
    if (afterMs === 0) start();
    else firstSync = setTimeout(start, afterMs);
  };
  const startServer = (): void => {
    server.start().catch((error: unknown) => log(`the server did not start: ${messageOf(error)}`));
  };
  const chosen = (): StoredProfile | null => {
    if (solo) {
      const name = options.profile ?? settings.activeProfile ?? 'mara';
      if (!isPracticePerson(name)) {
        throw failed(
          'bad-input',
          `Without a team's server only the practice identities can be used: ${practicePeople.map((person) => person.personId).join(', ')}. Set TEMPORAL_ADDRESS to work with a team.`,
        );
      }
      return ensureProfile(dataDir, name, vault);
    }
    if (options.profile !== null) return ensureProfile(dataDir, options.profile, vault);
    const existing = listProfiles(dataDir).filter((profile) => !isPracticePerson(profile.personId));
    if (existing.length > 1 && !existing.some((profile) => profile.personId === settings.activeProfile)) {
      throw failed(
        'bad-input',
        `This data folder holds the profiles ${existing.map((profile) => profile.personId).join(', ')}: say which with --profile NAME.`,
      );
    }
    return existing.find((profile) => profile.personId === settings.activeProfile) ?? existing[0] ?? null;
  };

  const first = chosen();
  if (first) {
    activate(open(first));
    remember({ activeProfile: first.personId });
  }
  function remember(change: Partial<typeof settings>): void {
    const next = { ...settings, ...change };
    if (JSON.stringify(next) === JSON.stringify(settings)) return;
    Object.assign(settings, change);
    writeSettings(dataDir, settings);
  }
  // What other identities still owe is delivered without anybody switching to them.
  if (solo) {
    for (const profile of listProfiles(dataDir)) {
      if (isPracticePerson(profile.personId)) keepDelivering(open(profile));
    }
  }
  if (!(active as Session | null)?.sync.status().workOffline) startServer();

  return {
    ...{ solo, dataDir, server, session, describe, startServer, version: options.version },
    active: () => active,
    sessions: () => [...opened.values()],
    profiles() {
      const stored = listProfiles(dataDir);
      if (!solo) return stored.map(describe);
      return practicePeople.map((person) => describe(ensureProfile(dataDir, person.personId, vault)));
    },
    createProfile(personId) {
      if (solo && !isPracticePerson(personId)) {
        throw failed(
          'refused',
          "Without a team's server only the practice identities exist. Set TEMPORAL_ADDRESS to make a profile for a person of a team.",
        );
      }
      const profile = ensureProfile(dataDir, personId, vault);
      if (active) return describe(profile);
      remember({ activeProfile: personId });
      return activate(open(profile));
    },
    switchTo(name) {
      if (!solo && active?.personId !== name) {
        throw failed(
          'refused',
          `In a team a profile is one person on one device and is not switched in place: start again with --profile ${name}.`,
        );
      }
      const profile = activate(session(name));
      remember({ activeProfile: name });
      return profile;
    },
    async setWorkOffline(of, offline) {
      if (solo) remember({ workOffline: offline });
      else of.outbox.setSetting('work-offline', offline);
      for (const each of solo ? opened.values() : [of]) each.sync.wake(!offline);
      if (!solo) return;
      if (offline) await server.stop();
      else startServer();
    },
    subscribe: hub.subscribe,
    async close() {
      clearTimeout(firstSync);
      closed = true;
      hub.close();
      await Promise.allSettled([...opened.values()].map((each) => each.close()));
      await gateways.close();
    },
  };
}
