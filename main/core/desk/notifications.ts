// Owns the news for the person at this desk, and which of them were read here. Knows no host and no screen.
import type { Notification } from '../../../domain/change.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import type { Desk } from './desk.ts';
import { statement } from '../sqlite.ts';

/** News for this person, newest first, with whether they were read on this laptop. */
export function listNews(desk: Desk, input: CommandParsed<'notification:list'>): CommandOutput<'notification:list'> {
  const rows = statement<{ json: string; read: 0 | 1 }>(
    desk.cache.db,
    `SELECT n.json, r.notification_id IS NOT NULL AS read FROM notifications n
     LEFT JOIN outbox.read_news r ON r.notification_id = n.notification_id
     WHERE n.person_id = ? ORDER BY n.at DESC, n.notification_id LIMIT ? OFFSET ?`,
  ).all(desk.personId, input.limit, input.offset);
  return {
    rows: rows.map(({ json, read }) => ({ ...(JSON.parse(json) as Notification), read: read === 1 })),
    unread: countUnread(desk),
  };
}

const unreadSql = `FROM notifications n WHERE n.person_id = ?
  AND NOT EXISTS (SELECT 1 FROM outbox.read_news r WHERE r.notification_id = n.notification_id)`;

/** News that this person did not read on this laptop, newest first. */
export function unreadNews(desk: Desk): Notification[] {
  return statement<string>(desk.cache.db, `SELECT n.json ${unreadSql} ORDER BY n.at DESC, n.notification_id`)
    .pluck()
    .all(desk.personId)
    .map((json) => JSON.parse(json) as Notification);
}

function countUnread(desk: Desk): number {
  return statement<number>(desk.cache.db, `SELECT count(*) ${unreadSql}`).pluck().get(desk.personId) as number;
}

/** Marks news as read; what is not this person's, or not here, changes nothing. */
export function readNews(desk: Desk, input: CommandParsed<'notification:read'>): CommandOutput<'notification:read'> {
  const own = desk.cache.notifications(desk.personId);
  const asked = new Set(input.notificationIds);
  const marked = own.filter((row) => asked.has(row.notificationId));
  const reportIds = [...new Set(marked.map((row) => row.reportId))];
  const ids = marked.map((row) => row.notificationId);
  if (ids.length > 0) desk.outbox.markRead(ids, desk.now(), { reportIds, versionIds: [] });
  return { unread: countUnread(desk) };
}
