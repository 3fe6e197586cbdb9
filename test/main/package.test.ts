// What is packaged, read off the configuration as the builder reads it: files, resources, fuses, targets. Electron's binary is not needed.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { unbundled } from '../../main/build/electron-bundles.ts';
import { isOutdated } from '../../main/build/sources.ts';
import { packageClosure, workerPackages } from '../../main/build/worker-build.ts';
import { findElectron } from '../../main/electron-binary.ts';
import { packagedPrograms, sourcePrograms } from '../../main/programs.ts';
import { specifiersOf } from '../floors.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const requireHere = createRequire(import.meta.url);

interface Resource {
  from: string;
  to: string;
}
interface Configuration {
  files: (string | { from: string; to: string; filter: string[] })[];
  extraResources: Resource[];
  electronFuses: Record<string, boolean>;
  asar: boolean;
  asarUnpack: string[];
  npmRebuild: boolean;
  mac: { target: string[]; extraResources: Resource[]; binaries: string[] };
  win: { target: string[]; extraResources: Resource[] };
  linux: { target: string[]; extraResources: Resource[] };
}
// The builder's own parser.
const builderRequire = createRequire(requireHere.resolve('electron-builder/package.json'));
const yaml = createRequire(builderRequire.resolve('app-builder-lib/package.json'))('js-yaml') as {
  load(text: string): unknown;
};
const configuration = yaml.load(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Configuration;

describe('the package', () => {
  test('has every fuse where reliability.md wants it', () => {
    expect(configuration.electronFuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      grantFileProtocolExtraPrivileges: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      resetAdHocDarwinSignature: true,
    });
    expect(configuration.asar).toBe(true);
  });

  test('rebuilds nothing, and keeps native modules out of the archive', () => {
    expect(configuration.npmRebuild).toBe(false);
    expect(configuration.asarUnpack).toEqual(['node_modules/better-sqlite3/prebuilds/**']);
  });

  test('holds the bundles and, of node_modules, what cannot be bundled', () => {
    const plain = configuration.files.filter((each) => typeof each === 'string');
    expect(plain).toEqual(['package.json', 'dist/main/**', 'dist/preload/**', 'dist/renderer/**', '!node_modules/**']);
    const copied = configuration.files.flatMap((each) => (typeof each === 'string' ? [] : [each.from]));
    expect(copied).toEqual(unbundled.map((name) => `node_modules/${name}`));
    const info = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string };
    expect(info.main).toBe('dist/main/electron.js');
  });

  test('is made for three systems', () => {
    expect(configuration.mac.target).toEqual(['dmg', 'zip']);
    expect(configuration.win.target).toEqual(['nsis']);
    expect(configuration.linux.target).toEqual(['AppImage', 'deb']);
  });

  test('brings a real Node and the worker where the application looks for them', () => {
    const worker = configuration.extraResources.map(({ from, to }) => `${from} → ${to}`);
    expect(worker).toEqual(['dist/worker → worker', 'dist/worker/node_modules → worker/node_modules']);
    for (const platform of ['darwin', 'win32', 'linux'] as const) {
      const { nodePath, workerProgram, fetchProgram, workflowBundleFile } = packagedPrograms('/resources', platform);
      const name = { darwin: 'mac', win32: 'win', linux: 'linux' }[platform] as 'mac' | 'win' | 'linux';
      expect(nodePath).toBe(join('/resources', configuration[name].extraResources[0]?.to ?? ''));
      expect([workerProgram, fetchProgram, workflowBundleFile]).toEqual(
        ['worker/main.ts', 'worker/fetch-temporal.ts', 'workflows.cjs'].map((file) => join('/resources/worker', file)),
      );
    }
    expect(configuration.mac.binaries).toEqual(['Contents/Resources/node']);
  });

  test('and without being packaged everything is where the sources are', () => {
    for (const path of Object.values(sourcePrograms(root)))
      expect(existsSync(path as string), path as string).toBe(true);
  });
});

describe('the packaged worker', () => {
  test('gets every package that its sources import', () => {
    const files = ['worker', 'domain'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(root, folder, name)),
    );
    const imported = files.flatMap((file) => specifiersOf(readFileSync(file, 'utf8')));
    const packages = imported
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    // In the workflow bundle already, which is built beforehand.
    const needed = new Set(packages.filter((name) => name !== '@temporalio/workflow'));
    expect([...needed].filter((name) => !workerPackages.includes(name))).toEqual([]);
  });

  test('gets what these need in turn, nested ones too, and leaves other platforms’ out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-closure-'));
    const add = (path: string, manifest: object): void => {
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, 'package.json'), JSON.stringify(manifest));
    };
    add('node_modules/a', { dependencies: { b: '1', '@s/c': '1' } });
    add('node_modules/b', { optionalDependencies: { 'b-windows': '1' } });
    add('node_modules/@s/c', { dependencies: { b: '2' } });
    add('node_modules/@s/c/node_modules/b', {});
    add('node_modules/unneeded', {});
    expect(packageClosure(['a'], folder)).toEqual([
      'node_modules/@s/c',
      'node_modules/@s/c/node_modules/b',
      'node_modules/a',
      'node_modules/b',
    ]);
    expect(() => packageClosure(['missing'], folder)).toThrow('missing, needed in');
    rmSync(folder, { recursive: true });
  });
});

describe('npm run package', () => {
  /** The project's tools with an Electron that was never fetched and cannot be. */
  function withoutElectron(): string {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-package-'));
    cpSync(join(root, 'main'), join(folder, 'main'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    mkdirSync(join(folder, 'node_modules', 'electron'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', 'electron', 'package.json'), '{"version":"1.0.0"}');
    writeFileSync(
      join(folder, 'node_modules', 'electron', 'install.js'),
      'console.error("RequestError: getaddrinfo ENOTFOUND"); process.exit(1);',
    );
    for (const name of ['vite', 'env-paths', 'is-safe-filename', 'zod']) {
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    }
    return folder;
  }

  test('says that Electron’s binary cannot be had, and stops', () => {
    const folder = withoutElectron();
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'main/build/package.ts')], {
      encoding: 'utf8',
    });
    expect(stderr).toContain(
      "Nothing was packaged: Electron's binary cannot be had (RequestError: getaddrinfo ENOTFOUND)",
    );
    expect(stderr.trim().split('\n').at(-1)).toContain('Then try again.');
    expect(status).toBe(1);
    expect(existsSync(join(folder, 'dist'))).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test('refuses another system’s package', () => {
    const foreign = process.platform === 'darwin' ? '--win' : '--mac';
    const program = join(root, 'main/build/package.ts');
    const { status, stderr } = spawnSync(process.execPath, [program, foreign], { encoding: 'utf8' });
    expect(stderr).toContain(`${foreign} cannot be packaged on ${process.platform}`);
    expect(status).toBe(2);
  });
});

test('Electron’s binary is there when the file is that its package names, and not before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-electron-'));
  writeFileSync(join(folder, 'package.json'), '{"version":"45.4.1"}');
  expect(findElectron(folder)).toMatchObject({ kind: 'missing', reason: 'its binary was not fetched yet' });
  writeFileSync(join(folder, 'path.txt'), 'electron');
  expect(findElectron(folder)).toMatchObject({ kind: 'missing' });
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', 'electron'), '');
  expect(findElectron(folder)).toEqual({ kind: 'here', path: join(folder, 'dist', 'electron'), version: '45.4.1' });
  expect(findElectron(null)).toMatchObject({ kind: 'missing', reason: 'the package electron is not installed' });
  rmSync(folder, { recursive: true });
});

test('what was built is outdated as soon as a source is newer, also one that was removed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-sources-'));
  const at = (path: string, seconds: number): void => utimesSync(join(folder, path), seconds, seconds);
  mkdirSync(join(folder, 'renderer', 'home'), { recursive: true });
  writeFileSync(join(folder, 'renderer', 'home', 'home.tsx'), '');
  const built = join(folder, 'built.html');
  expect(isOutdated(built, ['renderer'], folder)).toBe(true);
  writeFileSync(built, '');
  for (const path of ['renderer/home/home.tsx', 'renderer/home', 'renderer']) at(path, 1_000);
  at('built.html', 2_000);
  expect(isOutdated(built, ['renderer'], folder)).toBe(false);
  at('renderer/home/home.tsx', 3_000);
  expect(isOutdated(built, ['renderer'], folder)).toBe(true);
  rmSync(join(folder, 'renderer/home/home.tsx'));
  expect(isOutdated(built, ['renderer'], folder)).toBe(true);
  rmSync(folder, { recursive: true });
});
