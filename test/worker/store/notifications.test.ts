// News for single people: told once, read by nobody else, and by e-mail where there is one.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notification } from '../../../domain/change.ts';
import { readChanges } from '../../../worker/store/feeds.ts';
import { dueMails, mailFailed, mailSent, notify } from '../../../worker/store/notifications.ts';
import type { News } from '../../../worker/store/notifications.ts';
import { openPhase, readFlow } from '../../../worker/store/phase-line.ts';
import { loadPeople } from '../../../worker/store/store.ts';
import { write } from '../../../worker/store/writing.ts';
import { openTestStore, startedReport, testPeople } from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';

let test: TestStore;
let reportId: string;

async function open(mailsOut: boolean): Promise<void> {
  test = await openTestStore({ mailsOut });
  const people = testPeople.people.map((person) =>
    person.personId === 'tara' || person.personId === 'olga'
      ? { ...person, email: `${person.personId}@bank.example` }
      : person,
  );
  await loadPeople(test.store, { people }, test.clock);
  reportId = await startedReport(test, 'report-0001');
}
beforeEach(() => open(true));
afterEach(() => test.close());

const news = (over: Partial<News> = {}): News => ({
  ...{ reportId, personIds: ['tara', 'lena'], kind: 'waiting-for-you', phase: 'planning', lob: null },
  ...{ key: 'opened/planning', text: 'Planning of "Credit card accounts" waits for you' },
  ...over,
});
const told = (over: Partial<News> = {}) => write(test.store, test.clock(), (writing) => notify(writing, news(over)));

/** What a person's laptop gets. */
async function readBy(person: TestPerson): Promise<Notification[]> {
  const answer = await readChanges(test.store, test.laptops[person].pull(), test.clock);
  if (answer.kind !== 'page') throw new Error(answer.message);
  const rows = answer.feeds.flatMap((feed) => feed.rows.map((row) => row.change));
  return rows.flatMap((change) => (change.kind === 'notification' ? [change.notification] : []));
}

describe('news', () => {
  it('reach those who are told and nobody else', async () => {
    await told();
    expect((await readBy('tara')).map((row) => row.text)).toEqual(['Planning of "Credit card accounts" waits for you']);
    expect(await readBy('lena')).toHaveLength(1);
    expect(await readBy('olga')).toEqual([]);
    expect(await readBy('mara')).toEqual([]);
  });

  it('are told once to each, however often the teller is repeated', async () => {
    await told();
    await told();
    await told({ personIds: ['tara', 'tara', 'olga'] });
    expect(await readBy('tara')).toHaveLength(1);
    expect(await readBy('olga')).toHaveLength(1);
    expect(await dueMails(test.store.db, reportId)).toHaveLength(2);
  });

  it('about another matter are other news', async () => {
    await told();
    await told({ key: 'reminder/planning' });
    expect(await readBy('tara')).toHaveLength(2);
  });

  it('of one report are not those of another that have the same key', async () => {
    const other = await startedReport(test, 'report-0002');
    await told();
    await told({ reportId: other });
    expect((await readBy('tara')).map((row) => row.reportId)).toEqual(['report-0001', 'report-0002']);
  });

  it('are not told to people whom the people file does not name any more', async () => {
    const people = testPeople.people.filter((person) => person.personId !== 'lena');
    await loadPeople(test.store, { people }, test.clock);
    await told({ personIds: ['lena', 'nobody'] });
    const rows = await test.store.db.selectFrom('notifications').selectAll().execute();
    expect(rows).toEqual([]);
  });

  it('are told with the opening of a phase, to those who hold it up', async () => {
    await openPhase(test.store, reportId, 'planning', null, test.clock);
    await openPhase(test.store, reportId, 'planning', null, test.clock);
    expect(await readBy('tara')).toMatchObject([{ kind: 'waiting-for-you', phase: 'planning', personId: 'tara' }]);
    expect(await readBy('olga')).toEqual([]);
  });
});

describe('e-mails', () => {
  it('are due to those who have an address', async () => {
    await told();
    expect(await dueMails(test.store.db, reportId)).toMatchObject([
      {
        reportName: 'Credit card accounts',
        to: { name: 'Tara Tester', address: 'tara@bank.example' },
        notification: { personId: 'tara' },
      },
    ]);
  });

  it('wake the flow of the report until they went out or failed for good', async () => {
    const flow = () => readFlow(test.store.db, reportId, null);
    const before = await flow();
    expect(before.mailsDue).toBe(false);
    await told({ personIds: ['tara', 'olga'] });
    const due = await flow();
    expect(due.mailsDue).toBe(true);
    expect(due.revision).toBeGreaterThan(before.revision);
    const [first, second] = await dueMails(test.store.db, reportId);
    await mailSent(test.store, first?.notification.notificationId ?? '', test.clock);
    expect((await flow()).mailsDue).toBe(true);
    await mailFailed(test.store, second?.notification.notificationId ?? '', 'no such mailbox', test.clock);
    const after = await flow();
    expect(after.mailsDue).toBe(false);
    expect(after.revision).toBeGreaterThan(due.revision);
    const rows = await test.store.db
      .selectFrom('notifications')
      .select(['person_id', 'mail_state', 'mail_error'])
      .orderBy('person_id', 'desc')
      .execute();
    expect(rows.toSorted((a, b) => (a.mail_state < b.mail_state ? 1 : -1))).toMatchObject([
      { mail_state: 'sent', mail_error: null },
      { mail_state: 'failed', mail_error: 'no such mailbox' },
    ]);
  });

  it('that went out are neither sent nor failed later', async () => {
    await told();
    const [mail] = await dueMails(test.store.db, reportId);
    const id = mail?.notification.notificationId ?? '';
    await mailSent(test.store, id, test.clock);
    await mailFailed(test.store, id, 'came too late', test.clock);
    const row = await test.store.db
      .selectFrom('notifications')
      .select('mail_state')
      .where('notification_id', '=', id)
      .executeTakeFirst();
    expect(row?.mail_state).toBe('sent');
  });

  it('to people who lost their address meanwhile say so, so that they can be given up', async () => {
    await told();
    await loadPeople(test.store, testPeople, test.clock);
    expect(await dueMails(test.store.db, reportId)).toMatchObject([{ to: { name: 'Tara Tester', address: null } }]);
  });

  it('are not due where the worker sends none', async () => {
    await test.close();
    await open(false);
    await told();
    expect(await dueMails(test.store.db, reportId)).toEqual([]);
    expect((await readFlow(test.store.db, reportId, null)).mailsDue).toBe(false);
    expect(await readBy('tara')).toHaveLength(1);
  });
});
