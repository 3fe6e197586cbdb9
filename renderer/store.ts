// Owns what all screens share: route, people, sync status, crumbs, search, notices. Each screen's own rows stay in the screen.
import { create } from 'zustand';
import type { CoreEvent, Failure, Profile, SyncStatus } from '../preload/contract.ts';
import type { HostLink } from './bridge.ts';
import { bridge } from './bridge.ts';
import { routeOf } from './routes.ts';
import type { Route } from './routes.ts';

/** One part of "where I am"; the last one has no route. */
export interface Crumb {
  text: string;
  route?: Route;
}

/** Something told once at the foot of the window. Failures stay until they are closed. */
export interface Notice {
  id: number;
  tone: 'done' | 'failure';
  message: string;
  details?: string;
  undo?: { label: string; run(): void };
}

export interface Shared {
  route: Route;
  link: HostLink;
  /** Null until the core answered. */
  status: SyncStatus | null;
  profiles: Profile[] | null;
  /** Why the profiles could not be read. */
  profilesFailure: Failure | null;
  crumbs: Crumb[];
  /** What the current screen says at the foot instead of the sentence about delivery; null for that sentence. */
  footnote: string | null;
  /** The search field: what it finds on this screen (null: this screen has no table) and what was typed. */
  searchLabel: string | null;
  searchText: string;
  notices: Notice[];
  /** Grows when everything has to be read again: another profile, or the application came back. */
  epoch: number;
}

export const useShared = create<Shared>(() => ({
  route: { screen: 'home' },
  link: 'connecting',
  status: null,
  profiles: null,
  profilesFailure: null,
  crumbs: [],
  footnote: null,
  searchLabel: null,
  searchText: '',
  notices: [],
  epoch: 0,
}));

/** The profile that acts now; null before the profiles are known, and when there is none yet. */
export function activeProfile(state: Pick<Shared, 'profiles'>): Profile | null {
  return state.profiles?.find((profile) => profile.active) ?? null;
}

/** Reads the profiles again, after one was made or switched to. */
export async function readProfiles(): Promise<void> {
  const result = await bridge().invoke('profile:list', {});
  if (result.ok) useShared.setState({ profiles: result.value, profilesFailure: null });
  else useShared.setState({ profilesFailure: result.error });
}

async function readStatus(): Promise<void> {
  const result = await bridge().invoke('sync:status', {});
  if (result.ok) useShared.setState({ status: result.value });
}

/** Everything is read again. */
export async function startOver(): Promise<void> {
  useShared.setState((state) => ({ epoch: state.epoch + 1, notices: [] }));
  await Promise.all([readProfiles(), readStatus()]);
}

async function take(event: CoreEvent): Promise<void> {
  if (event.kind === 'sync') useShared.setState({ status: event.status });
  if (event.kind === 'changed' && event.directory) await readProfiles();
  if (event.kind === 'profile') {
    const before = activeProfile(useShared.getState());
    await (before?.profile === event.profile.profile ? readProfiles() : startOver());
  }
}

/** Connects the store with the bridge and the address bar, for the life of the page. */
export function startStore(): void {
  const follow = () => useShared.setState({ route: routeOf(window.location.hash), footnote: null });
  window.addEventListener('hashchange', follow);
  follow();
  bridge().subscribe((event) => void take(event));
  bridge().watchLink((link) => {
    useShared.setState({ link });
    if (link === 'connected') void startOver();
  });
}
