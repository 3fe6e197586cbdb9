// Owns which news hosts are told as it comes: each once, also over restarts, and never a flood. What was read is no news.
// Knows no host and no screen; the list of all news is the bell's.
import type { Notification } from '../../domain/change.ts';

/** Up to where news was told: the time of the newest, and which of that time. */
export interface Told {
  at: string;
  ids: string[];
}

/** Where a profile keeps it. */
export const newsSetting = 'news-told';

/** How many are told at once; whoever was away for long finds the others in the bell. */
export const newsAtOnce = 3;

/**
 * What to tell now, oldest first, and what was told then. Where nothing was ever told (a new laptop, a lost outbox) more than a few are
 * old news that arrives by itself.
 * @param unread the news for one person that nobody read yet, in any order.
 */
export function newsToTell(
  unread: readonly Notification[],
  told: Told | null,
): { tell: Notification[]; told: Told | null } {
  const fresh = unread
    .filter(
      ({ at, notificationId }) =>
        told === null || at > told.at || (at === told.at && !told.ids.includes(notificationId)),
    )
    .sort((left, right) => left.at.localeCompare(right.at));
  const newest = fresh.at(-1);
  if (!newest) return { tell: [], told };
  const before = told?.at === newest.at ? told.ids : [];
  const ids = [...before, ...fresh.flatMap(({ at, notificationId }) => (at === newest.at ? [notificationId] : []))];
  const isOld = told === null && fresh.length > newsAtOnce;
  return { tell: isOld ? [] : fresh.slice(-newsAtOnce), told: { at: newest.at, ids } };
}
