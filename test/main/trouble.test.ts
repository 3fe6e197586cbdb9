// Trouble as a script meets it: what a call prints and ends with when a file is newer, damaged or lost, and what `doctor` says of it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Result, SyncStatus } from '../../preload/contract.ts';
import { makeLaptop, sampleThings, versionId } from '../bench/cached-laptop.ts';
import { asShown } from './core/desk-builder.ts';

const program = fileURLToPath(new URL('../../main/cli.ts', import.meta.url));
let data: string;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'countersign-trouble-'));
  await makeLaptop(data, 4);
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_') && !name.startsWith('COUNTERSIGN_')),
);

function countersign(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, '--data', data], {
    encoding: 'utf8',
    env: { ...environment, ...env },
  });
  return { status, stdout, stderr };
}
/** A call whose stdout is one line, the Result. */
function call<Value = unknown>(name: string, input: unknown, env: Record<string, string> = {}) {
  const { status, stdout } = countersign(['call', name, JSON.stringify(input), '--profile', 'olga'], env);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return { status, result: JSON.parse(stdout) as Result<Value> };
}
const file = (name: string) => join(data, 'profiles', 'olga', name);
const approvals = sampleThings(4).map((thing) => asShown(thing));

test.each(['cache.db', 'outbox.db'])(
  'a %s of a newer version: exit 1, what and what to do; doctor says it too',
  (name) => {
    const db = new Database(file(name));
    db.pragma('user_version = 99');
    db.close();
    const { status, result } = call('sync:status', {});
    expect(status).toBe(1);
    expect(result).toMatchObject({
      ok: false,
      error: {
        kind: 'refused',
        message: expect.stringMatching(/made by a newer version.*Install that version/u) as string,
      },
    });
    const { status: usable, stdout } = countersign(['doctor', '--json']);
    expect(usable).toBe(1);
    const report = JSON.parse(stdout) as {
      usable: boolean;
      findings: { what: string; state: string; howToGet?: string[] }[];
    };
    expect(report.usable).toBe(false);
    expect(report.findings.find(({ what }) => what === 'databases')).toMatchObject({
      state: 'missing',
      howToGet: [expect.stringContaining(`profiles/olga/${name} was made by a newer Countersign`) as string],
    });
  },
);

test('a damaged outbox that a script came upon is still told to the person who looks later', () => {
  expect(call('decision:record', { versionId, decisions: approvals }).status).toBe(0);
  writeFileSync(file('outbox.db'), 'no database '.repeat(1_000));
  expect(call('home:get', {}).status).toBe(0);
  const { result } = call<SyncStatus>('sync:status', {});
  if (!result.ok) throw new Error(result.error.message);
  expect(result.value.damages).toMatchObject([{ what: 'outbox', file: `${file('outbox.db')}.corrupt-1` }]);
  const damageId = result.value.damages[0]?.damageId;
  expect(call('damage:acknowledge', { damageId }).result).toMatchObject({ ok: true, value: { damages: [] } });
  expect(call('damage:acknowledge', { damageId }).status).toBe(1);
});

test('a person’s own mistake ends with 1 and names the field; a script’s with 2 and names the way', () => {
  const [one] = approvals;
  const wrong = { versionId, decisions: [{ ...one, decision: { verdict: 'rejected', reasonCode: 'bored' } }] };
  expect(call('decision:record', wrong)).toMatchObject({
    status: 1,
    result: { ok: false, error: { kind: 'bad-input', fields: [{ path: 'decisions.0.decision.reasonCode' }] } },
  });
  const unknown = countersign(['call', 'decision:recrod', '{}']);
  expect(unknown).toMatchObject({ status: 2, stdout: '' });
  expect(unknown.stderr).toContain('Did you mean decision:record');
});

test('a team’s server that is not there is a state and no failure, and what was decided stays queued', () => {
  const env = { TEMPORAL_ADDRESS: '127.0.0.1:9' };
  expect(call('decision:record', { versionId, decisions: approvals }, env).status).toBe(0);
  expect(call('review:submit', { versionId, verdict: 'approved' }, env).status).toBe(0);
  const { status, result } = call<SyncStatus>('sync:now', { waitMs: 20_000 }, env);
  expect({ status, ok: result.ok }).toEqual({ status: 0, ok: true });
  if (!result.ok) return;
  expect(result.value).toMatchObject({ counts: { queued: 5 }, state: { kind: 'offline', reason: 'unreachable' } });
  expect('message' in result.value.state && result.value.state.message).toMatch(/127\.0\.0\.1:9/u);
});

test('every command has a JSON Schema of one object that takes nothing unknown', () => {
  const { status, stdout } = countersign(['commands', '--json']);
  expect(status).toBe(0);
  const described = JSON.parse(stdout) as { name: string; input: { type?: string; additionalProperties?: boolean } }[];
  expect(described.length).toBeGreaterThan(35);
  for (const { name, input } of described) {
    expect(input, name).toMatchObject({ type: 'object', additionalProperties: false });
  }
});
