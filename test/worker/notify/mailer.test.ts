// E-mail against a real SMTP server on loopback: one that accepts, one that refuses, and none at all.
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { MailFailure, messageIdOf, openMailer } from '../../../worker/notify/mailer.ts';
import type { Mail } from '../../../worker/notify/mailer.ts';
import { headOf, openSmtp } from './smtp.ts';
import type { TestSmtp } from './smtp.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const from = 'Countersign <audit@example.org>';
const mail: Mail = {
  key: 'report-0001/planning/-/waiting/tara',
  to: { name: 'Tara "T." Tester', address: 'tara@example.org' },
  subject: 'Planning waits for you',
  text: 'Version 1 of planning waits for you.\n\nReport: Größe',
};

async function smtpServer(options: SMTPServerOptions = {}): Promise<TestSmtp> {
  const server = await openSmtp(options);
  ends.push(() => server.close());
  return server;
}

function mailer(address: string) {
  const opened = openMailer({ url: `smtp://${address}`, from });
  ends.push(() => opened.close());
  return opened;
}

async function failure(sending: Promise<void>): Promise<MailFailure> {
  const error = await sending.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MailFailure)) throw new Error(`no MailFailure: ${String(error)}`);
  return error;
}

test('a mail arrives with its words, its recipient and the Message-ID of its key; sent again it has the same', async () => {
  const { port, taken } = await smtpServer();
  const post = mailer(`127.0.0.1:${port}`);
  await post.send(mail);
  await post.send(mail);
  await post.send({ ...mail, key: 'another' });
  expect(taken).toHaveLength(3);
  const [first, again, other] = taken.map((text) => headOf(text, 'Message-ID'));
  expect(first).toBe(messageIdOf(mail.key, from));
  expect(first).toMatch(/^<[0-9a-f]{32}@example\.org>$/u);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  expect(taken[0]).toMatch(/^From: Countersign <audit@example\.org>/mu);
  expect(taken[0]).toMatch(/^To: .*<tara@example\.org>/mu);
  expect(taken[0]).toMatch(/^Subject: Planning waits for you/mu);
  expect(taken[0]).toContain('Version 1 of planning waits for you.');
});

test('names and subjects of people cannot add lines to the head of a mail', async () => {
  const { port, taken } = await smtpServer();
  const to = { name: 'Tara\r\nBcc: eve@example.org', address: 'tara@example.org' };
  await mailer(`127.0.0.1:${port}`).send({ ...mail, to, subject: 'News\r\nBcc: eve@example.org' });
  const [head] = (taken[0] ?? '').split('\r\n\r\n');
  expect(head).not.toMatch(/^Bcc:/mu);
  expect(head).toMatch(/^Subject: News Bcc: eve@example\.org/mu);
});

test('an address that the server refuses is the fault of that one mail', async () => {
  const { port } = await smtpServer({
    onRcptTo(_address, _session, done) {
      done(new Error('no such person here'));
    },
  });
  const failed = await failure(mailer(`127.0.0.1:${port}`).send(mail));
  expect(failed.message).toMatch(/^it was refused: 550 .*no such person here/u);
  expect(failed.isServer).toBe(false);
});

test('a login that the server refuses is the server’s fault, and the password is not told', async () => {
  const { port } = await smtpServer({
    ...{ authOptional: false, allowInsecureAuth: true },
    onAuth(_auth, _session, done) {
      done(new Error('who are you'));
    },
  });
  const failed = await failure(mailer(`audit:geheim@127.0.0.1:${port}`).send(mail));
  expect(failed.isServer).toBe(true);
  expect(failed.message).toContain(`127.0.0.1:${port}`);
  expect(failed.message).not.toContain('geheim');
});

test('where no server is, it says so', async () => {
  const { port } = await smtpServer();
  for (const end of ends.splice(0)) await end();
  const failed = await failure(mailer(`127.0.0.1:${port}`).send(mail));
  expect(failed.isServer).toBe(true);
  expect(failed.message).toMatch(/ECONNREFUSED/u);
});
