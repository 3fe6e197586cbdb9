// The terminal as it is called: what goes to stdout, which code it ends with, and that nothing is started that is not needed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../preload/contract.ts';
import { openHost } from '../../main/host-core.ts';
import { privateFileVault } from '../../main/vaults.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
let data: string;
let nextFolder = 0;
beforeEach(() => {
  nextFolder += 1;
  data = join(folder, `data-${nextFolder}`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_') && !name.startsWith('COUNTERSIGN_')),
);

function countersign(args: string[], options: { input?: string; env?: Record<string, string> } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'main/cli.ts'), ...args], {
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...environment, ...options.env },
  });
  return { status, stdout, stderr };
}

/** While a host runs in this process, it must be able to answer. */
function countersignBeside(args: string[]): Promise<{ status: number | null; stdout: string }> {
  const child = spawn(process.execPath, [join(root, 'main/cli.ts'), ...args], { env: environment });
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString('utf8')));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout })));
}

describe('call', () => {
  test('prints the Result in one line and ends with 0 when it was done', () => {
    const { status, stdout } = countersign(['call', 'sync:status', '--data', data]);
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, value: { counts: { queued: 0 } } });
  });

  test('takes its input from stdin with -', () => {
    const input = JSON.stringify({ name: 'theme', value: 'dark' });
    expect(countersign(['call', 'preference:set', '-', '--data', data], { input }).status).toBe(0);
    const { stdout } = countersign(['call', 'preference:get', '{"name":"theme"}', '--data', data]);
    expect(JSON.parse(stdout)).toEqual({ ok: true, value: { value: 'dark' } });
  });

  test('starts neither server nor worker for what needs none', () => {
    countersign(['call', 'home:get', '--data', data]);
    expect(existsSync(join(data, 'temporal.db'))).toBe(false);
    expect(existsSync(join(data, 'run')) ? readdirSync(join(data, 'run')) : []).toEqual([]);
  });

  test('ends with 1 and a Result when it was refused', () => {
    const wrong = countersign(['call', 'version:get', `{"versionId":"v-${'0'.repeat(32)}"}`, '--data', data]);
    expect(wrong.status).toBe(1);
    expect(JSON.parse(wrong.stdout)).toMatchObject({ ok: false, error: { kind: 'not-found' } });
    const bad = countersign(['call', 'version:get', '{"versionid":"x"}', '--data', data]);
    expect(bad.status).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({ ok: false, error: { kind: 'bad-input' } });
  });

  test.each([
    [['call', 'version:lst'], 'Did you mean version:list'],
    [['call', 'home:get', '{oops'], 'is no JSON'],
    [['call'], 'needs the name of a command'],
    [['dance'], 'There is no "dance"'],
    [[], 'Say what to do'],
  ])('%j ends with 2, says what to do on stderr and prints nothing', (args, message) => {
    const { status, stdout, stderr } = countersign(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('asking as another practice identity does not make it the active one', () => {
    const asTara = countersign(['call', 'profile:list', '--profile', 'tara', '--data', data]);
    expect(asTara.status).toBe(0);
    const { stdout } = countersign(['call', 'profile:list', '--data', data]);
    const { value } = JSON.parse(stdout) as { value: { profile: string; active: boolean }[] };
    expect(value.filter(({ active }) => active).map(({ profile }) => profile)).toEqual(['mara']);
  });

  test('in a team the named person’s profile is made', () => {
    // Nothing is connected to for a command that needs no server.
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const { status, stdout } = countersign(['call', 'profile:list', '--profile', 'olga', '--data', data], { env });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ value: [{ profile: 'olga', practice: false }] });
    const asked = countersign(['call', 'sync:status', '--profile', 'olga', '--data', data], { env });
    expect(JSON.parse(asked.stdout)).toMatchObject({ value: { server: { kind: 'stopped' } } });
  });

  test('a data folder that cannot be used is named, with what to do', () => {
    writeFileSync(data, 'a file where the folder should be');
    const { status, stdout } = countersign(['call', 'home:get', '--data', data]);
    expect(status).toBe(1);
    const { error } = JSON.parse(stdout) as { error: { kind: string; message: string } };
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain(data);
    expect(error.message).toContain('--data');
  });
});

describe('beside a running application', () => {
  const open = () => openHost({ dataDir: data, profile: null, vault: privateFileVault, server: 'none', socket: true });

  test('a call is answered by it', async () => {
    const host = await open();
    try {
      await host.application.invoke('preference:set', { name: 'theme', value: 'light' });
      const { status, stdout } = await countersignBeside([
        'call',
        'preference:get',
        '{"name":"theme"}',
        '--data',
        data,
      ]);
      expect(JSON.parse(stdout)).toEqual({ ok: true, value: { value: 'light' } });
      expect(status).toBe(0);
    } finally {
      await host.close();
    }
  });

  test('a second application on the folder is refused, and the first goes on', async () => {
    const host = await open();
    try {
      await expect(open()).rejects.toThrow(`Countersign is already running on ${data} (pid ${process.pid})`);
      expect(await host.application.invoke('home:get', {})).toMatchObject({ ok: true });
    } finally {
      await host.close();
    }
    const again = await open();
    await again.close();
  });

  test('the folder is free after an application that could not be opened', async () => {
    const profile = 'nobody-of-the-practice';
    const options = { dataDir: data, profile, vault: privateFileVault, server: 'none', socket: true } as const;
    await expect(openHost(options)).rejects.toThrow('practice identities');
    const host = await open();
    await host.close();
  });
});

test('every command of the contract has a handler that takes what the contract allows and refuses the rest', async () => {
  const host = await openHost({ dataDir: data, profile: null, vault: privateFileVault, server: 'none', socket: false });
  try {
    for (const name of Object.keys(commands)) {
      const result = await host.application.invoke(name, { nothingOfTheContract: true });
      expect(result, name).toMatchObject({ ok: false, error: { kind: 'bad-input' } });
      expect(JSON.stringify(result), name).not.toContain('There is no command');
    }
    expect(await host.application.invoke('toString', {})).toMatchObject({ ok: false, error: { kind: 'bad-input' } });
  } finally {
    await host.close();
  }
});

describe('doctor', () => {
  test('tells what is here, for people and for programs', () => {
    const env = { TEMPORAL_ADDRESS: 'example:7233' };
    const text = countersign(['doctor', '--data', data], { env });
    expect(text.status).toBe(0);
    expect(text.stdout).toContain('the server at example:7233');
    expect(text.stdout).toContain('npm start');
    const json = countersign(['doctor', '--json', '--data', data], { env });
    const { findings, usable } = JSON.parse(json.stdout) as { findings: { what: string }[]; usable: boolean };
    expect(usable).toBe(true);
    expect(findings.map(({ what }) => what)).toEqual([
      ...['node', 'temporal', 'go', 'browser', 'electron', 'model', 'e-mail', 'data folder', 'databases'],
    ]);
  });

  test('tells whether a model and e-mail are configured, and never what stands in the variables', () => {
    const model = { COUNTERSIGN_LLM_URL: 'http://hidden.example/v1', COUNTERSIGN_LLM_KEY: 'sk-hidden' };
    const whole = countersign(['doctor', '--data', data], {
      env: { TEMPORAL_ADDRESS: 'example:7233', ...model, COUNTERSIGN_LLM_MODEL: 'hidden-model' },
    });
    expect(whole.stdout).toMatch(
      /ok +model +configured by COUNTERSIGN_LLM_URL, COUNTERSIGN_LLM_MODEL, COUNTERSIGN_LLM_KEY/u,
    );
    expect(whole.stdout).toMatch(/note +e-mail +none configured/u);
    expect(whole.stdout).not.toContain('hidden');
    const half = countersign(['doctor', '--data', data], { env: { TEMPORAL_ADDRESS: 'example:7233', ...model } });
    expect(half.stdout).toContain('COUNTERSIGN_LLM_MODEL is missing');
    expect(half.stdout).not.toContain('hidden');
    expect(half.status).toBe(0);
  });

  test('shows the versions of databases, and one that cannot be read', () => {
    const env = { TEMPORAL_ADDRESS: 'example:7233' };
    countersign(['call', 'home:get', '--data', data]);
    writeFileSync(join(data, 'profiles', 'mara', 'cache.db'), 'no database at all '.repeat(100));
    const { stdout } = countersign(['doctor', '--data', data], { env });
    expect(stdout).toMatch(/profiles\/mara\/outbox\.db version \d+/);
    expect(stdout).toMatch(/profiles\/mara\/cache\.db cannot be read/);
  });

  test('ends with 1 when the application cannot be used, and says how to change that', () => {
    writeFileSync(data, '');
    const { status, stdout } = countersign(['doctor', '--data', data], { env: { TEMPORAL_ADDRESS: 'x:1' } });
    expect(status).toBe(1);
    expect(stdout).toContain('MISSING');
    expect(stdout).toContain('--data');
  });
});
