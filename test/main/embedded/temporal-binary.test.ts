import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cachedTemporalPath, cacheFolder, findTemporal, isOlder } from '../../../main/embedded/temporal-binary.ts';
import { fakeMachine } from './fake-machine.ts';

describe('where the executable is looked for', () => {
  test('TEMPORAL_CLI comes before the PATH, and the PATH before the cache', async () => {
    const machine = fakeMachine();
    const named = machine.temporal(join(machine.folder, 'mine'), '1.4.0');
    const onPath = machine.temporal(join(machine.bin, 'temporal'), '1.9.1');
    const cached = machine.temporal(cachedTemporalPath(machine.env), '1.5.1');
    const all = { ...machine.env, TEMPORAL_CLI: named };
    expect(await findTemporal(all)).toMatchObject({ kind: 'found', binary: { from: 'TEMPORAL_CLI', path: named } });
    expect(await findTemporal(machine.env)).toMatchObject({ kind: 'found', binary: { from: 'PATH', path: onPath } });
    const noPath = { ...machine.env, PATH: '/nowhere' };
    expect(await findTemporal(noPath)).toMatchObject({ kind: 'found', binary: { from: 'cache', path: cached } });
  });

  test('another version than the pinned one is taken, and told', async () => {
    const machine = fakeMachine();
    machine.temporal(join(machine.bin, 'temporal'), '1.9.1');
    const binary = { from: 'PATH', cliVersion: '1.9.1', serverVersion: '1.29.1' };
    expect(await findTemporal(machine.env)).toMatchObject({ binary });
  });

  test('one that does not start or is something else is refused with its reason, and the next is taken', async () => {
    const machine = fakeMachine();
    machine.program(join(machine.bin, 'temporal'), 'echo hello');
    const cached = machine.temporal(cachedTemporalPath(machine.env), '1.5.1');
    expect(await findTemporal({ ...machine.env, TEMPORAL_CLI: '/nowhere/temporal' })).toMatchObject({
      kind: 'found',
      binary: { path: cached },
      refused: [
        { what: 'TEMPORAL_CLI', reason: expect.stringContaining('ENOENT') as string },
        { what: 'PATH', reason: expect.stringContaining('it answered "hello"') as string },
      ],
    });
  });
});

describe('where there is none', () => {
  test('a machine with Go can download or build', async () => {
    const machine = fakeMachine();
    const goPath = machine.go({ version: '1.26.8' });
    const ways = [{ kind: 'download' }, { kind: 'build', goPath, goVersion: '1.26.8' }];
    expect(await findTemporal(machine.env)).toEqual({ kind: 'missing', ways, refused: [] });
  });

  test('a machine without Go says so', async () => {
    const refused = [{ what: 'build', reason: 'there is no `go` on the PATH' }];
    expect(await findTemporal(fakeMachine().env)).toEqual({ kind: 'missing', ways: [{ kind: 'download' }], refused });
  });

  test.each([
    { version: '1.20.3', toolchain: 'auto', can: false },
    { version: '1.21.0', toolchain: 'auto', can: true },
    { version: '1.24.9', toolchain: 'local', can: false },
    { version: '1.25.0', toolchain: 'local', can: true },
  ])('Go $version with GOTOOLCHAIN=$toolchain can build: $can', async ({ version, toolchain, can }) => {
    const machine = fakeMachine();
    machine.go({ version, toolchain });
    const found = await findTemporal(machine.env);
    expect(found.kind === 'missing' && found.ways.some(({ kind }) => kind === 'build')).toBe(can);
  });
});

test.each([
  ['1.9.1', '1.10.0', true],
  ['1.10.0', '1.9.1', false],
  ['1.25', '1.25.0', false],
  ['2.0', '1.99.9', false],
])('%s is older than %s: %s', (version, than, older) => {
  expect(isOlder(version, than)).toBe(older);
});

test('the cache is where COUNTERSIGN_CACHE says, else where the platform keeps caches', () => {
  expect(cacheFolder({ COUNTERSIGN_CACHE: '/some/where' })).toBe('/some/where');
  expect(cacheFolder({})).toMatch(/countersign/);
});
