// A report's notifications on their way out by e-mail: real store, real SMTP server on loopback.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dueMailIds, sendDueMails } from '../../../worker/activities/send-mail.ts';
import { openMailer } from '../../../worker/notify/mailer.ts';
import type { Mailer } from '../../../worker/notify/mailer.ts';
import { notify } from '../../../worker/store/notifications.ts';
import { loadPeople } from '../../../worker/store/store.ts';
import { write } from '../../../worker/store/writing.ts';
import { openTestStore, testPeople, withReport } from '../../builders.ts';
import type { TestStore } from '../../builders.ts';
import { headOf, openSmtp } from './smtp.ts';
import type { TestSmtp } from './smtp.ts';

let store: TestStore;
let smtp: TestSmtp;
let mailer: Mailer;
const reportId = 'report-0001';
const refusedAddress = 'lena@example.org';

beforeEach(async () => {
  store = await openTestStore({ mailsOut: true });
  await withReport(store, reportId);
  const people = testPeople.people.map((person) => ({ ...person, email: `${person.personId}@example.org` }));
  await loadPeople(store.store, { people }, store.clock);
  smtp = await openSmtp({
    onRcptTo({ address }, _session, done) {
      done(address === refusedAddress ? new Error('no such person here') : null);
    },
  });
  mailer = openMailer({ url: `smtp://127.0.0.1:${smtp.port}`, from: 'Countersign <audit@example.org>' });
});
afterEach(async () => {
  mailer.close();
  await smtp.close();
  await store.close();
});

/** News for these people; answers with what is due then. */
async function tell(...personIds: string[]): Promise<string[]> {
  await write(store.store, store.clock(), (writing) =>
    notify(writing, {
      ...{ reportId, personIds, kind: 'waiting-for-you', phase: 'planning', lob: null, key: 'opened/planning' },
      text: 'Planning of "Cards" waits for you',
    }),
  );
  return dueMailIds(deps(), reportId);
}

const deps = () => ({ store: store.store, clock: store.clock, mailer });
const send = (ids: string[], isLast = false) => sendDueMails(deps(), reportId, ids, isLast);
const states = () =>
  store.store.db
    .selectFrom('notifications')
    .select(['person_id', 'mail_state', 'mail_error'])
    .where('report_id', '=', reportId)
    .where('mail_state', '!=', 'none')
    .orderBy('person_id')
    .execute();

test('each person gets one mail that says what of which report, however often it is asked for', async () => {
  const ids = await tell('tara', 'olga');
  expect(ids).toHaveLength(2);
  expect(await send(ids)).toEqual([]);
  expect(await send(ids)).toEqual([]);
  const recipients = new Set(smtp.taken.map((mail) => headOf(mail, 'To')));
  expect(recipients).toEqual(new Set(['Olga Owner <olga@example.org>', 'Tara Tester <tara@example.org>']));
  expect(smtp.taken).toHaveLength(2);
  expect(smtp.taken[0]).toContain('Planning of "Cards" waits for you');
  expect(smtp.taken[0]).toContain('Report: Credit card accounts');
  expect(await dueMailIds(deps(), reportId)).toEqual([]);
  expect(await states()).toMatchObject([{ mail_state: 'sent' }, { mail_state: 'sent' }]);
});

test('a mail that left before its worker was killed goes out again under the same Message-ID', async () => {
  const ids = await tell('tara');
  await send(ids);
  await store.store.db.updateTable('notifications').set({ mail_state: 'due' }).execute();
  await send(ids);
  const [first, again] = smtp.taken.map((mail) => headOf(mail, 'Message-ID'));
  expect(again).toBe(first);
});

test('one that is refused is tried again while attempts are left, the others go out meanwhile', async () => {
  const ids = await tell('lena', 'olga', 'tara');
  await expect(send(ids)).rejects.toThrow(/no such person here/);
  expect(smtp.taken).toHaveLength(2);
  expect((await states()).map(({ person_id, mail_state }) => [person_id, mail_state])).toEqual([
    ['lena', 'due'],
    ['olga', 'sent'],
    ['tara', 'sent'],
  ]);
  expect(await send(ids, true)).toMatchObject([
    { personId: 'lena', reason: expect.stringContaining('no such person here') as string },
  ]);
  expect(smtp.taken).toHaveLength(2);
  expect((await states())[0]).toMatchObject({
    mail_state: 'failed',
    mail_error: expect.stringContaining('no such') as string,
  });
});

test('a server that is not there is asked once for all mails, and the reason is kept with each of them', async () => {
  const ids = await tell('olga', 'tara');
  await smtp.close();
  await expect(send(ids)).rejects.toThrow(/ECONNREFUSED/);
  expect((await send(ids, true)).map(({ reason }) => reason)).toEqual([
    expect.stringContaining('ECONNREFUSED'),
    expect.stringContaining('ECONNREFUSED'),
  ]);
  expect(await states()).toMatchObject([{ mail_state: 'failed' }, { mail_state: 'failed' }]);
  smtp = await openSmtp();
});

test('mail that was due under a configuration that is gone fails with that reason, and nothing waits for ever', async () => {
  const ids = await tell('tara');
  const failed = await sendDueMails({ ...deps(), mailer: null }, reportId, ids, false);
  expect(failed).toMatchObject([{ reason: expect.stringContaining('no mail server configured') as string }]);
  expect(await dueMailIds(deps(), reportId)).toEqual([]);
});

test('who left the people file gets no mail', async () => {
  const ids = await tell('tara', 'olga');
  const people = testPeople.people
    .filter((person) => person.personId !== 'tara')
    .map((person) => ({ ...person, email: `${person.personId}@example.org` }));
  await loadPeople(store.store, { people }, store.clock);
  expect(await send(ids)).toMatchObject([
    { personId: 'tara', reason: expect.stringContaining('no e-mail address') as string },
  ]);
  expect(smtp.taken).toHaveLength(1);
});

test('mails that became due later wait for their own turn', async () => {
  const ids = await tell('tara');
  await tell('olga');
  await send(ids);
  expect(smtp.taken).toHaveLength(1);
  expect(await dueMailIds(deps(), reportId)).toHaveLength(1);
});
