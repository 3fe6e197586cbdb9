// What the worker asks of services outside the machine, on the real server: e-mail by a real SMTP server, a model that does not serve.
import { afterEach, expect, test } from 'vitest';
import type { Recommendation } from '../../domain/change.ts';
import { queries } from '../../domain/change.ts';
import { practicePeople } from '../../domain/people.ts';
import type { TrackedAttempt } from '../../domain/tracking.ts';
import type { ReportProgress } from '../../domain/report-progress.ts';
import { beginCycle, importRows, runProposed, threeLobs } from './cycle-world.ts';
import { headOf, openSmtp } from './notify/smtp.ts';
import type { TestSmtp } from './notify/smtp.ts';
import { beginReport, until, World } from './worker-world.ts';
import type { WorldOptions } from './worker-world.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function openWorld(options: WorldOptions): Promise<World> {
  const world = await World.open(options);
  ends.push(() => world.close());
  return world;
}

async function smtpServer(options: Parameters<typeof openSmtp>[0] = {}): Promise<TestSmtp> {
  const smtp = await openSmtp(options);
  ends.push(() => smtp.close());
  return smtp;
}

const people = { people: practicePeople.map((person) => ({ ...person, email: `${person.personId}@example.org` })) };
const mailTo = (port: number) => ({ url: `smtp://127.0.0.1:${port}`, from: 'Countersign <audit@example.org>' });

test('who is waited for gets one e-mail, and the news in the application all the same', async () => {
  const smtp = await smtpServer();
  const world = await openWorld({ people, mail: mailTo(smtp.port) });
  const { reportId, tara } = await beginReport(world, undefined, {});
  await until(async () => smtp.taken.length > 0);
  const [mail = ''] = smtp.taken;
  expect(headOf(mail, 'To')).toBe('Tara Tester <tara@example.org>');
  expect(mail).toContain('Planning of "Cards" waits for you');
  await tara.seen((change) => change.kind === 'notification' && change.notification.kind === 'waiting-for-you');
  const idle = await until(async () => {
    const now = await world.report(reportId).query<ReportProgress>(queries.progress);
    return now.work.length === 0 ? now : null;
  });
  expect(idle.alerts).toEqual([]);
  expect(smtp.taken).toHaveLength(1);
});

test('a mail that is refused three times is given up, which an alert and the store say; the report goes on', async () => {
  let asked = 0;
  const smtp = await smtpServer({
    onRcptTo(_address, _session, done) {
      asked += 1;
      done(new Error('no such person here'));
    },
  });
  const world = await openWorld({ people, mail: mailTo(smtp.port) });
  const { reportId, mara } = await beginReport(world, undefined, {});
  const handle = world.report(reportId);
  const { alerts } = await until(async () => {
    const now = await handle.query<ReportProgress>(queries.progress);
    return now.alerts.length > 0 ? now : null;
  });
  expect(alerts).toMatchObject([
    {
      kind: 'step-failing',
      message: expect.stringMatching(/^mail: no e-mail to tara: .*no such person here/) as string,
    },
  ]);
  expect(asked).toBe(3);
  const rows = await world.inStore(({ db }) =>
    db.selectFrom('notifications').select(['mail_state', 'mail_error']).where('mail_state', '!=', 'none').execute(),
  );
  expect(rows).toMatchObject([
    { mail_state: 'failed', mail_error: expect.stringContaining('no such person') as string },
  ]);
  const assignment = { personId: 'lena', role: 'test-lead' as const, assigned: true };
  expect(await mara.settled({ kind: 'assignment.set', reportId, ...assignment })).toMatchObject({ state: 'applied' });
});

test('a model that does not serve is asked three times, then the rules recommend and the step says so', async () => {
  const { port } = await smtpServer();
  for (const end of ends.splice(0)) await end();
  const world = await openWorld({ model: { url: `http://127.0.0.1:${port}/v1`, model: 'small' } });
  const cycle = await beginCycle(world);
  const { reportId, tara, tom, olga } = cycle;
  // Three rows without a balance: what completeness finds is what can be recommended.
  await importRows(cycle, threeLobs().replaceAll(/^(7|8|9),cards,.*$/gmu, '$1,cards,'));
  await runProposed(cycle, { reportId, phase: 'planning', lob: null }, tom);
  await runProposed(cycle, { reportId, phase: 'data-profiling', lob: null }, olga);
  await runProposed(cycle, { reportId, phase: 'scoping', lob: null }, olga);
  const change = await tara.seen((each) => each.kind === 'recommendation');
  const recommendation = change.kind === 'recommendation' ? change.recommendation : ({} as Recommendation);
  expect(recommendation.by).toEqual({ kind: 'rules' });
  expect(recommendation.fallback).toMatch(/the model did not serve in 3 attempts: .*could not be asked/);
  expect(recommendation.picks.map(({ itemKey }) => itemKey).toSorted()).toEqual(['7', '8', '9']);
  const attempts = await world.inStore(async ({ db }) => {
    const rows = await db.selectFrom('tracking').select('entry_text').where('kind', '=', 'attempt').execute();
    return rows
      .map((row) => JSON.parse(row.entry_text) as TrackedAttempt)
      .filter(({ activity }) => activity === 'generateSampleRecommendations')
      .toSorted((a, b) => a.attempt - b.attempt);
  });
  expect(attempts.map(({ attempt, error }) => [attempt, error === ''])).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ]);
});
