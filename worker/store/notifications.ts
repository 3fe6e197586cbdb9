// Owns the news for single people: told once each, in the application always and by e-mail where that is wanted.
// Knows neither who is to be told what (the callers do) nor how an e-mail leaves.
import type { Kysely } from 'kysely';
import { reportFeed } from '../../domain/change.ts';
import type { Notification } from '../../domain/change.ts';
import { paddedList } from './dialect.ts';
import { bumpFlow } from './reports.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

/** News as its teller has them. */
export interface News extends Pick<Notification, 'reportId' | 'kind' | 'phase' | 'lob' | 'text'> {
  /** Who is told; whom the people file does not name any more is left out. */
  personIds: readonly string[];
  /** What it is about, unique within the report: the same news is told to nobody twice. */
  key: string;
}

/** Tells people news, each of them once however often it is called. Only they get the row of the feed. */
export async function notify(writing: Writing, news: News): Promise<void> {
  const { reportId, kind, phase, lob, text, key } = news;
  let isMailDue = false;
  for (const person of await activePeople(writing.trx, news.personIds)) {
    const personId = person.person_id;
    const notificationId = `${reportId}/${key}/${personId}`;
    const notification: Notification = { notificationId, reportId, personId, kind, phase, lob, text, at: writing.at };
    const mailState = writing.mailsOut && person.email !== null ? 'due' : 'none';
    const { numInsertedOrUpdatedRows } = await writing.trx
      .insertInto('notifications')
      .values({
        ...{ notification_id: notificationId, report_id: reportId, person_id: personId, created_at: writing.at },
        ...{ notification_text: JSON.stringify(notification), mail_state: mailState, mail_error: null },
      })
      .onConflict((c) => c.column('notification_id').doNothing())
      .executeTakeFirstOrThrow();
    if (!numInsertedOrUpdatedRows) continue;
    writing.emit(reportFeed(reportId), { kind: 'notification', notification }, `person:${personId}`);
    isMailDue ||= mailState === 'due';
  }
  if (isMailDue) await bumpFlow(writing, reportId);
}

async function activePeople(db: Kysely<Schema>, personIds: readonly string[]) {
  if (personIds.length === 0) return [];
  return db
    .selectFrom('people')
    .select(['person_id', 'email'])
    .where('person_id', 'in', paddedList(personIds))
    .where('active', '=', 1)
    .orderBy('person_id')
    .execute();
}

/** An e-mail that is to go out. */
export interface DueMail {
  notification: Notification;
  reportName: string;
  /** Of the person who is told. Null address: they have none any more, so the mail has failed. */
  to: { name: string; address: string | null };
}

/** The mails of a report that are to go out, oldest first. */
export async function dueMails(db: Kysely<Schema>, reportId: string): Promise<DueMail[]> {
  const rows = await db
    .selectFrom('notifications')
    .innerJoin('people', 'people.person_id', 'notifications.person_id')
    .innerJoin('reports', 'reports.report_id', 'notifications.report_id')
    .select(['notification_text', 'people.name', 'people.email', 'people.active', 'reports.name as report_name'])
    .where('notifications.report_id', '=', reportId)
    .where('mail_state', '=', 'due')
    .orderBy('created_at')
    .orderBy('notification_id')
    .execute();
  return rows.map((row) => ({
    notification: JSON.parse(row.notification_text) as Notification,
    reportName: row.report_name,
    to: { name: row.name, address: row.active === 1 ? row.email : null },
  }));
}

/** Says that a mail went out. Without effect on one that is not due. */
export function mailSent(store: Store, notificationId: string, clock: () => string): Promise<void> {
  return settleMail(store, notificationId, { mail_state: 'sent', mail_error: null }, clock);
}

/** Says that a mail cannot go out and is not tried again; the news stays in the application. Without effect on one that is not due. */
export function mailFailed(store: Store, notificationId: string, error: string, clock: () => string): Promise<void> {
  return settleMail(store, notificationId, { mail_state: 'failed', mail_error: error }, clock);
}

async function settleMail(
  store: Store,
  notificationId: string,
  outcome: Pick<Schema['notifications'], 'mail_state' | 'mail_error'>,
  clock: () => string,
): Promise<void> {
  await write(store, clock(), async (writing) => {
    const row = await writing.trx
      .updateTable('notifications')
      .set(outcome)
      .where('notification_id', '=', notificationId)
      .where('mail_state', '=', 'due')
      .returning('report_id')
      .executeTakeFirst();
    if (row) await bumpFlow(writing, row.report_id);
  });
}
