// A team's laptops: enrolment that waits for a test manager, upload in chunks, revocation, people nobody knows, wrong namespaces.
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PeopleFile } from '../../../domain/people.ts';
import type { Core } from '../../../main/core/core.ts';
import { connect } from '../../../main/core/sync/gateway.ts';
import { ensureProfile } from '../../../main/core/profiles.ts';
import type { Session } from '../../../main/core/session.ts';
import { privateFileVault } from '../../../main/vaults.ts';
import { coreOn, saidServer, temporaryFolder, until } from './core-world.ts';
import { cycleOfSamples } from './cycles.ts';
import { startServerWorld } from './server-world.ts';
import type { ServerWorld } from './server-world.ts';

let world: ServerWorld;
const folder = temporaryFolder();
const cores: Core[] = [];

/** A laptop of its own in team mode; it reaches the test's server without any environment. */
function laptop(personId: string): Session {
  const dataDir = join(folder.path, personId);
  mkdirSync(dataDir, { recursive: true });
  const server = saidServer({ kind: 'external', address: world.address });
  const core = coreOn(dataDir, {
    ...{ profile: personId, solo: false, server, timing: { maxDelayMs: 1_000 } },
    connect: (target, signal) => connect({ kind: 'embedded', address: target.address }, signal),
  });
  cores.push(core);
  const session = core.active();
  if (!session) throw new Error('there is no profile');
  return session;
}

beforeAll(async () => {
  const dataDir = join(folder.path, 'mara');
  mkdirSync(dataDir, { recursive: true });
  const mara = ensureProfile(dataDir, 'mara', privateFileVault);
  const people: PeopleFile = {
    people: [
      { personId: 'mara', name: 'Mara Manager', roles: ['test-manager'], devices: [mara.publicKey] },
      { personId: 'tara', name: 'Tara Tester', roles: ['tester'] },
      { personId: 'olga', name: 'Olga Owner', roles: ['report-owner'] },
      { personId: 'lena', name: 'Lena Lead', roles: ['test-lead'] },
      { personId: 'tom', name: 'Tom Tester', roles: ['tester'] },
      { personId: 'dana', name: 'Dana Dataowner', roles: ['data-owner'] },
    ],
  };
  world = await startServerWorld(people);
});
afterAll(async () => {
  for (const core of cores) await core.close();
  await world.close();
  folder.remove();
});

test('a new laptop waits for a test manager, works at once when approved, uploads in chunks, and stops when revoked', async () => {
  const mara = laptop('mara');
  const cycle = cycleOfSamples('2026-11-21');
  const reportId = cycle.reports[0]?.reportId ?? '';
  mara.queue([cycle]);
  expect((await mara.sync.untilDelivered(30_000)).counts).toMatchObject({ queued: 0, sent: 0, refused: 0 });

  const tara = laptop('tara');
  const waiting = await tara.sync.untilDelivered(30_000);
  expect(waiting.state).toMatchObject({ kind: 'blocked', reason: 'device-waiting' });
  const { deviceId } = tara.profile;
  await until(() => mara.cache.devices().some((device) => device.deviceId === deviceId && device.status === 'waiting'));
  mara.queue([{ kind: 'device.approve', deviceId }]);
  await until(() => tara.cache.report(reportId));

  const file = join(folder.path, 'accounts.csv');
  const lines = Array.from({ length: 60_000 }, (_, row) => `${row + 1},${'x'.repeat(randomInt(40, 60))}`);
  writeFileSync(file, `ID,TEXT\n${lines.join('\n')}\n`);
  const job = await tara.imports.startPath(reportId, file, { kind: 'population', keyColumn: 'ID' });
  const settled = await tara.imports.settled(job.importId, 60_000);
  expect(settled?.state.kind).toBe('ready');
  expect(settled?.fileSize).toBeGreaterThan(2 * 1024 * 1024);
  await until(() => {
    const population = mara.cache.populations(reportId)[0];
    return population?.state.kind === 'ready' && population.state.rowCount === 60_000;
  });

  mara.queue([{ kind: 'device.revoke', deviceId }]);
  await until(() => mara.cache.devices().some((device) => device.deviceId === deviceId && device.status === 'revoked'));
  expect((await tara.sync.untilDelivered(30_000)).state).toMatchObject({ kind: 'blocked', reason: 'device-revoked' });
});

test('somebody who is not in the people file is told so', async () => {
  const status = await laptop('nobody').sync.untilDelivered(30_000);
  expect(status.state).toMatchObject({ kind: 'blocked', reason: 'unknown-person' });
});

const never = new AbortController().signal;

test('a wrong namespace and a wrong port are told apart', async () => {
  process.env['TEMPORAL_ADDRESS'] = world.address;
  process.env['TEMPORAL_NAMESPACE'] = 'nowhere';
  try {
    const wrong = await connect({ kind: 'environment', address: world.address }, never);
    expect(wrong).toMatchObject({ ok: false, fault: { kind: 'namespace' } });
  } finally {
    delete process.env['TEMPORAL_ADDRESS'];
    delete process.env['TEMPORAL_NAMESPACE'];
  }
  const nobody = await connect({ kind: 'embedded', address: '127.0.0.1:9' }, never);
  expect(nobody).toMatchObject({ ok: false, fault: { kind: 'unreachable' } });
});
