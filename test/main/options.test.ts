// What the command lines of start and countersign mean, and what they say when they mean nothing.
import { describe, expect, test } from 'vitest';
import { describeCommands, nearNames, readCli } from '../../main/cli-options.ts';
import { dataDirOf } from '../../main/data-dir.ts';
import { readElectronArguments } from '../../main/electron-arguments.ts';
import { whyNodeIsTooOld } from '../../main/node-guard.ts';
import { hasDisplay, openerOf, readStartOptions } from '../../main/start-options.ts';
import { commands } from '../../preload/contract.ts';

describe('npm start', () => {
  const defaults = { host: null, open: true, port: 0, data: undefined, profile: null, dev: false };
  test.each([
    [[], defaults],
    [['--host', 'browser', '--no-open'], { ...defaults, host: 'browser', open: false }],
    [['--host=electron', '--dev'], { ...defaults, host: 'electron', dev: true }],
    [
      ['--port', '4000', '--data', '/tmp/x', '--profile', 'tara'],
      { ...defaults, port: 4000, data: '/tmp/x', profile: 'tara' },
    ],
  ])('takes %j', (args, options) => {
    expect(readStartOptions(args)).toEqual({ kind: 'start', options });
  });

  test.each([
    [['--host', 'chrome'], '--host is electron or browser, not "chrome"'],
    [['--port', 'x'], '--port is a number from 0 to 65535, not "x"'],
    [['--port', '65536'], '--port is a number from 0 to 65535, not "65536"'],
    [['--port=-1'], '--port is a number'],
    [['--data='], '--data needs a folder'],
    [['--nothing'], '--nothing'],
    [['word'], 'word'],
  ])('refuses %j', (args, message) => {
    const read = readStartOptions(args);
    expect(read.kind === 'wrong' && read.message).toContain(message);
  });

  test('helps', () => expect(readStartOptions(['--help'])).toEqual({ kind: 'help' }));

  test('knows by its environment whether Linux has a display', () => {
    expect(hasDisplay('linux', {})).toBe(false);
    expect(hasDisplay('linux', { DISPLAY: ':0' })).toBe(true);
    expect(hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
    expect(hasDisplay('darwin', {})).toBe(true);
    expect(hasDisplay('win32', {})).toBe(true);
  });

  test('opens a browser without a shell, so that no address is a command', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const { file, args } = openerOf(platform, 'http://127.0.0.1:1/open/x');
      expect(file).not.toMatch(/cmd|sh$/);
      expect(args.at(-1)).toBe('http://127.0.0.1:1/open/x');
    }
  });
});

describe('countersign', () => {
  test.each([
    [['doctor'], { kind: 'doctor', json: false, data: undefined }],
    [['doctor', '--json', '--data', '/tmp/x'], { kind: 'doctor', json: true, data: '/tmp/x' }],
    [['commands', '--json'], { kind: 'commands', json: true }],
    [['call', 'home:get'], { kind: 'call', name: 'home:get', inputText: '{}', profile: undefined, data: undefined }],
    [
      ['call', 'version:list', '{"reportId":"r"}', '--profile', 'tara'],
      { kind: 'call', name: 'version:list', inputText: '{"reportId":"r"}', profile: 'tara', data: undefined },
    ],
    [['--help'], { kind: 'help' }],
  ])('takes %j', (args, request) => {
    expect(readCli(args)).toEqual(request);
  });

  test.each([
    [[], 'Say what to do'],
    [['home:get'], 'call home:get'],
    [['dance'], 'There is no "dance"'],
    [['call'], 'needs the name of a command'],
    [['call', 'version:lst'], 'Did you mean version:list'],
    [['call', 'compare'], 'version:compare'],
    [['call', 'xyzzyxyzzy'], '`commands` lists them'],
    [['call', 'home:get', '{', '}'], 'Quote the input'],
    [['call', 'toString'], 'There is no command "toString"'],
    [['doctor', 'now'], 'This is too much: now.'],
    [['call', 'home:get', '--nothing'], '--nothing'],
  ])('says what is wrong with %j', (args, message) => {
    const read = readCli(args);
    expect(read.kind === 'wrong' && read.message).toContain(message);
  });

  test('finds names that are near', () => {
    expect(nearNames('outbox-list', ['outbox:list', 'timeline:list', 'home:get'])).toEqual(['outbox:list']);
    expect(nearNames('x', Object.keys(commands))).toEqual([]);
  });

  test('describes every command with a JSON Schema of what may be passed', async () => {
    const described = await describeCommands();
    expect(described.map(({ name }) => name)).toEqual(Object.keys(commands));
    for (const { name, input, summary } of described) {
      expect(input, name).toMatchObject({ type: 'object', additionalProperties: false });
      expect(summary, name).not.toBe('');
    }
    const items = described.find(({ name }) => name === 'version:items');
    // Defaults may be left out.
    expect(items?.input).toMatchObject({ required: ['versionId'] });
  });
});

test('Electron’s arguments are found among its own', () => {
  const argv = ['/electron', '--inspect', '/app', '--data=/tmp/a', '--profile=x', '--data=/tmp/b'];
  expect(readElectronArguments(argv)).toEqual({ data: '/tmp/b', profile: 'x' });
  expect(readElectronArguments(['/electron'])).toEqual({ data: undefined, profile: null });
});

test('the data folder is the named one, else the environment’s, else the platform’s', () => {
  expect(dataDirOf('/a', { COUNTERSIGN_DATA: '/b' })).toBe('/a');
  expect(dataDirOf(undefined, { COUNTERSIGN_DATA: '/b' })).toBe('/b');
  expect(dataDirOf(undefined, {})).toMatch(/countersign/i);
});

test.each([
  ['20.19.0', false],
  ['22.17.1', false],
  ['22.18.0', true],
  ['24.21.0', true],
])('Node %s may run it: %s', (version, may) => {
  expect(whyNodeIsTooOld(version) === null).toBe(may);
});
