// The core's edge without a server: validation, results, events, profiles, the offline switch.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openApplication } from '../../../main/core/application.ts';
import type { Application } from '../../../main/core/application.ts';
import { commands } from '../../../preload/contract.ts';
import type { CommandInput, CommandName, CommandOutput, CoreEvent, Failure } from '../../../preload/contract.ts';
import { coreOptions, saidServer, temporaryFolder, until } from './core-world.ts';

let folder = temporaryFolder();
let server = saidServer();
let application: Application;
let logged: string[] = [];

async function open(more: Parameters<typeof coreOptions>[1] = {}): Promise<void> {
  application = await openApplication(coreOptions(folder.path, { server, log: (line) => logged.push(line), ...more }));
}
beforeEach(() => {
  folder = temporaryFolder();
  server = saidServer();
  logged = [];
});
afterEach(async () => {
  await application.close();
  folder.remove();
});

async function ask<Name extends CommandName>(
  name: Name,
  input: CommandInput<Name>,
  profile?: string,
): Promise<CommandOutput<Name>> {
  const result = await application.invoke(name, input, profile === undefined ? undefined : { profile });
  if (!result.ok) throw new Error(`${name}: ${result.error.kind}: ${result.error.message}`);
  return result.value as CommandOutput<Name>;
}
async function failureOf(name: string, input: unknown, profile?: string): Promise<Failure> {
  const result = await application.invoke(name, input, profile === undefined ? undefined : { profile });
  if (result.ok) throw new Error(`${name} did not fail`);
  return result.error;
}
const cycle = {
  name: 'Cycle 1',
  reports: [
    {
      name: 'Report 1',
      assignments: [
        { personId: 'tara', role: 'tester' as const },
        { personId: 'olga', role: 'report-owner' as const },
      ],
    },
  ],
};

describe('what is asked', () => {
  test('is validated by the contract, and each wrong field is named', async () => {
    await open();
    const failure = await failureOf('cycle:start', { name: '', reports: [{ name: 'R', assignments: [] }] });
    expect(failure.kind).toBe('bad-input');
    expect(failure.fields?.map((field) => field.path)).toEqual(['name', 'reports.0.assignments']);
  });

  test.each(['no:such', 'toString', '__proto__', ''])('by the unknown name %j is refused', async (name) => {
    await open();
    expect(await failureOf(name, {})).toMatchObject({ kind: 'bad-input' });
  });

  test('never throws, whatever comes in', async () => {
    await open();
    for (const name of Object.keys(commands)) {
      for (const input of [
        null,
        3,
        'x',
        [],
        { reportId: 'unknown-report', versionId: 'unknown-version' },
        JSON.parse('{"__proto__": {"a": 1}}') as unknown,
      ]) {
        const result = await application.invoke(name, input);
        if (!result.ok) expect(result.error.kind).not.toBe('unexpected');
      }
    }
  });

  test('and goes wrong in an unexpected way is logged and answered', async () => {
    await open();
    await application.close();
    expect(await failureOf('cycle:start', cycle)).toMatchObject({
      kind: 'unexpected',
      details: expect.any(String) as string,
    });
    expect(logged.some((line) => line.includes('cycle:start failed'))).toBe(true);
    await open();
  });
});

describe('a solo application', () => {
  test('starts the server, and shows its practice identities before anything was pulled', async () => {
    await open();
    expect(server.calls).toEqual(['start']);
    const profiles = await ask('profile:list', {});
    expect(profiles.map(({ personId, practice }) => [personId, practice])).toEqual([
      ['mara', true],
      ['tara', true],
      ['olga', true],
      ['lena', true],
      ['tom', true],
      ['dana', true],
    ]);
    expect(new Set(profiles.map((profile) => profile.publicKey)).size).toBe(6);
    expect((await ask('home:get', {})).mayStartCycle).toBe(true);
    expect((await ask('home:get', {}, 'olga')).mayStartCycle).toBe(false);
  });

  test('queues what is done while the server is not there, and says what is in the way', async () => {
    await open();
    server.say({ kind: 'preparing', step: 'building the server', elapsedMs: 10, expectedMs: null, cancellable: true });
    await ask('cycle:start', cycle);
    const status = await until(async () => {
      const now = await ask('sync:status', {});
      return now.state.kind === 'offline' && now.state.message.includes('building') && now;
    });
    expect(status).toMatchObject({ state: { reason: 'not-prepared' }, counts: { queued: 1 } });
  });

  test('refuses beforehand what the worker would refuse', async () => {
    await open();
    expect(await failureOf('cycle:start', cycle, 'tara')).toMatchObject({ kind: 'refused', details: 'role' });
    expect((await ask('sync:status', {}, 'tara')).counts.queued).toBe(0);
  });

  test('signs a practice cycle with the keys of its own people, from their own outboxes', async () => {
    await open();
    const { reportId, importId } = await ask('practice:start', {});
    expect((await ask('outbox:list', {}, 'mara')).entries.map((entry) => entry.kind)).toEqual(['cycle.start']);
    const { imports } = await ask('population:list', { reportId });
    expect(imports).toMatchObject([{ importId, state: { kind: 'waiting-for-server' } }]);
    const text = readFileSync(join(folder.path, 'incoming', importId), 'utf8');
    expect(text.split('\r\n').slice(0, 1)).toEqual([
      'ID,CUSTOMER,REGION,PRODUCT,OPENED,REVIEWED,BALANCE,CURRENCY,RISK_GRADE',
    ]);
    expect(
      new Set(
        text
          .trim()
          .split('\r\n')
          .map((line) => line.split(',')[0]),
      ).size,
    ).toBe(1_201);
  });

  test('remembers the active profile and tells the switch', async () => {
    await open();
    const events: CoreEvent[] = [];
    application.subscribe((event) => events.push(event));
    await ask('profile:switch', { profile: 'olga' });
    await until(() => events.some((event) => event.kind === 'profile' && event.profile.personId === 'olga'));
    await application.close();
    await open();
    expect((await ask('profile:list', {})).find((profile) => profile.active)?.personId).toBe('olga');
  });

  test('is told that the server stopped after it was closed, and that troubles nobody', async () => {
    await open();
    await ask('home:get', {}, 'olga');
    await application.close();
    expect(() => server.say({ kind: 'stopped' })).not.toThrow();
    await open();
  });

  test('has no other people than the practice ones', async () => {
    await open();
    expect(await failureOf('profile:switch', { profile: 'somebody' })).toMatchObject({ kind: 'not-found' });
    expect(await failureOf('profile:create', { personId: 'somebody' })).toMatchObject({ kind: 'refused' });
    await expect(openApplication(coreOptions(folder.path, { profile: 'somebody' }))).rejects.toMatchObject({
      failure: { kind: 'bad-input' },
    });
  });

  test('stays offline over restarts until it is switched back, with its server stopped', async () => {
    await open();
    expect(await ask('sync:work-offline', { offline: true })).toMatchObject({ workOffline: true });
    expect(server.calls).toEqual(['start', 'stop']);
    await application.close();
    server = saidServer();
    await open();
    expect(server.calls).toEqual([]);
    const status = await until(async () => {
      const now = await ask('sync:status', {});
      return now.state.kind === 'offline' && now;
    });
    expect(status.state).toMatchObject({ reason: 'chosen' });
    expect(await ask('sync:now', {})).toMatchObject({ state: { kind: 'offline', reason: 'chosen' } });
    await ask('sync:work-offline', { offline: false });
    expect(server.calls).toEqual(['start']);
  });

  test('tells changes of the outbox together and at most 20 times a second', async () => {
    await open();
    const events: CoreEvent[] = [];
    application.subscribe((event) => events.push(event));
    for (let count = 0; count < 50; count += 1) await ask('cycle:start', { ...cycle, name: `Cycle ${count}` });
    await until(async () => events.some((event) => event.kind === 'sync' && event.status.counts.queued === 50));
    expect(events.filter((event) => event.kind === 'sync').length).toBeLessThan(50);
  });

  test('receives a file for the active profile', async () => {
    await open();
    async function* body(): AsyncIterable<Uint8Array> {
      yield Buffer.from('ID\n1\n');
    }
    const received = await application.receive(
      { fileName: 'a.csv', totalBytes: 5, reportId: 'report-0001' },
      body(),
      new AbortController().signal,
    );
    if (!received.ok) throw new Error(received.error.message);
    const job = await ask('population:import', {
      reportId: 'report-0001',
      source: { kind: 'received', importId: received.value.importId },
    });
    expect(job.state.kind).toBe('waiting-for-server');
    expect((await ask('population:cancel', { importId: job.importId })).state.kind).toBe('cancelled');
  });

  test('keeps preferences and gives a diagnosis without contents', async () => {
    await open();
    await ask('preference:set', { name: 'theme', value: { dark: true } });
    expect(await ask('preference:get', { name: 'theme' })).toEqual({ value: { dark: true } });
    await ask('cycle:start', { ...cycle, name: 'Secret name' });
    const { text } = await ask('sync:diagnostics', {});
    expect(text).toContain('mara');
    expect(text).not.toContain('Secret name');
  });
});

describe('a team application', () => {
  const team = () => ({ solo: false, server: saidServer({ kind: 'external' as const, address: '127.0.0.1:9' }) });

  test('asks who sits there before anything else, and then works', async () => {
    await open(team());
    expect(await ask('profile:list', {})).toEqual([]);
    expect(await failureOf('home:get', {})).toMatchObject({ kind: 'unavailable' });
    expect(await ask('profile:create', { personId: 'anna' })).toMatchObject({
      personId: 'anna',
      active: true,
      practice: false,
    });
    expect((await ask('home:get', {})).waiting).toEqual([]);
  });

  test('makes the profile it is started with, and does not switch in place', async () => {
    await open({ ...team(), profile: 'anna' });
    expect(await failureOf('profile:switch', { profile: 'berta' })).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('--profile berta') as string,
    });
    expect(await failureOf('practice:start', {})).toMatchObject({ kind: 'refused' });
  });
});

test('a profile whose files were made by a newer version is refused with a message', async () => {
  await open();
  await application.close();
  writeFileSync(join(folder.path, 'profiles', 'mara', 'profile.json'), '{}');
  await expect(openApplication(coreOptions(folder.path))).rejects.toMatchObject({ failure: { kind: 'unavailable' } });
  folder.remove();
  folder = temporaryFolder();
  await open();
});
