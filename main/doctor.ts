// Owns the examination of this machine: what Countersign needs, what was found, how to get the rest. Changes nothing but makes the data folder.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serviceVariables, servicesFrom } from '../domain/worker-config.ts';
import packageInfo from '../package.json' with { type: 'json' };
import { cacheMigrations } from './core/cache/migrations.ts';
import { databaseVersion } from './core/database-version.ts';
import { prepareDataFolder } from './core/data-folder.ts';
import { outboxMigrations } from './core/outbox/migrations.ts';
import { findElectron } from './electron-binary.ts';
import { findExecutable } from './embedded/find-executable.ts';
import { cachedTemporalPath, findTemporal, howToGet } from './embedded/temporal-binary.ts';
import { whyNodeIsTooOld } from './node-guard.ts';
import { hasDisplay } from './start-options.ts';

/** One thing that was looked for. `missing` stops something; `note` does not. */
export interface Finding {
  what: 'node' | 'temporal' | 'go' | 'browser' | 'electron' | 'model' | 'e-mail' | 'data folder' | 'databases';
  state: 'ok' | 'note' | 'missing';
  /** What was found, or what is wrong. */
  found: string;
  /** What to do, when there is something to do. */
  howToGet?: string[];
}

export interface DoctorReport {
  version: string;
  platform: string;
  /** Whether the application can be started and used, perhaps offline. */
  usable: boolean;
  findings: Finding[];
}

/** Looks at everything; takes up to some seconds and never rejects. */
export async function examine(dataDir: string, env: NodeJS.ProcessEnv = process.env): Promise<DoctorReport> {
  const findings = [
    nodeFinding(),
    await temporalFinding(env),
    goFinding(env),
    browserFinding(env),
    electronFinding(env),
    serviceFinding('model', env),
    serviceFinding('mail', env),
    dataFolderFinding(dataDir),
    databasesFinding(dataDir),
  ];
  const needed = findings.filter(({ what }) => what === 'node' || what === 'data folder' || what === 'databases');
  return {
    version: packageInfo.version,
    platform: `${process.platform} ${process.arch}`,
    usable: needed.every(({ state }) => state !== 'missing'),
    findings,
  };
}

function nodeFinding(): Finding {
  const tooOld = whyNodeIsTooOld(process.versions.node);
  const found = `${process.versions.node} at ${process.execPath}`;
  if (tooOld) return { what: 'node', state: 'missing', found, howToGet: [tooOld] };
  return { what: 'node', state: 'ok', found };
}

async function temporalFinding(env: NodeJS.ProcessEnv): Promise<Finding> {
  const address = env['TEMPORAL_ADDRESS'];
  if (address) return { what: 'temporal', state: 'ok', found: `the server at ${address} (TEMPORAL_ADDRESS)` };
  const temporal = await findTemporal(env);
  if (temporal.kind === 'found') {
    const { path, from, cliVersion, serverVersion } = temporal.binary;
    const server = serverVersion === null ? '' : `, server ${serverVersion}`;
    return { what: 'temporal', state: 'ok', found: `${path} (from ${from}; CLI ${cliVersion}${server})` };
  }
  const refused = temporal.refused.map(({ what, reason }) => `${what}: ${reason}`);
  if (temporal.ways.length === 0) {
    return { what: 'temporal', state: 'missing', found: ['none', ...refused].join('; '), howToGet: [...howToGet] };
  }
  const ways = temporal.ways.map((way) =>
    way.kind === 'download' ? 'downloaded' : `built with ${way.goPath} (Go ${way.goVersion}, some minutes)`,
  );
  const found = `not yet; at the first start it is ${ways.join(', else ')} into ${cachedTemporalPath(env)}`;
  return { what: 'temporal', state: 'note', found };
}

function goFinding(env: NodeJS.ProcessEnv): Finding {
  const path = findExecutable('go', env);
  return { what: 'go', state: path ? 'ok' : 'note', found: path ?? 'none; only needed to build a Temporal server' };
}

const browserNames = ['xdg-open', 'google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'firefox'];

function browserFinding(env: NodeJS.ProcessEnv): Finding {
  if (process.platform !== 'linux') return { what: 'browser', state: 'ok', found: 'the one that the system opens' };
  const found = browserNames.flatMap((name) => findExecutable(name, env) ?? []);
  if (found.length > 0) return { what: 'browser', state: 'ok', found: found.join(', ') };
  const howTo = ['Install Chromium, Chrome or Firefox, or open the address that npm start prints with one by hand.'];
  return { what: 'browser', state: 'note', found: 'none on the PATH', howToGet: howTo };
}

function electronFinding(env: NodeJS.ProcessEnv): Finding {
  const electron = findElectron();
  const display = hasDisplay(process.platform, env) ? '' : '; there is no display here';
  if (electron.kind === 'here') {
    return { what: 'electron', state: 'ok', found: `${electron.version} at ${electron.path}${display}` };
  }
  const howTo = [
    'npm start -- --host electron fetches it',
    'or go on in an ordinary browser: npm start -- --host browser',
  ];
  return { what: 'electron', state: 'note', found: `${electron.reason}${display}`, howToGet: howTo };
}

const serviceNames = {
  model: { what: 'model', without: 'none configured: rules on the profile recommend samples' },
  mail: { what: 'e-mail', without: 'none configured: news is shown in the application only' },
} as const;

/** A service that the embedded worker may use. What stands in a variable may be a secret and is never told. */
function serviceFinding(service: 'model' | 'mail', env: NodeJS.ProcessEnv): Finding {
  const { what, without } = serviceNames[service];
  const variables = Object.values(serviceVariables[service]);
  const set = variables.filter((name) => env[name]);
  if (set.length === 0) return { what, state: 'note', found: without };
  const { services, faults } = servicesFrom(env);
  if (!services[service]) {
    const own = faults.filter((fault) => variables.some((name) => fault.includes(name)));
    return { what, state: 'note', found: `not used, though ${set.join(', ')} is set`, howToGet: own };
  }
  // A team's worker has an environment of its own.
  const whose = env['TEMPORAL_ADDRESS'] ? '; of use only where the worker runs' : '';
  return { what, state: 'ok', found: `configured by ${set.join(', ')}${whose}` };
}

function dataFolderFinding(dataDir: string): Finding {
  try {
    prepareDataFolder(dataDir);
    return { what: 'data folder', state: 'ok', found: `${dataDir}, can be written` };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return {
      what: 'data folder',
      state: 'missing',
      found,
      howToGet: ['Choose another with --data or COUNTERSIGN_DATA'],
    };
  }
}

function databasesFinding(dataDir: string): Finding {
  const files = databaseFiles(dataDir).map((file) => ({ file, ...databaseVersion(join(dataDir, file)) }));
  const faults = files.filter((each) => 'fault' in each);
  const found = files.map(
    (each) => `${each.file} ${'fault' in each ? `cannot be read (${each.fault})` : `version ${each.version}`}`,
  );
  if (files.length === 0) return { what: 'databases', state: 'ok', found: 'none yet' };
  const newer = files.filter((each) => 'version' in each && each.version > knownVersion(each.file));
  if (newer.length > 0) {
    const howTo = [
      `${newer.map(({ file }) => file).join(' and ')} was made by a newer Countersign: install that version again, or choose another folder with --data.`,
    ];
    return { what: 'databases', state: 'missing', found: found.join(', '), howToGet: howTo };
  }
  if (faults.length === 0) return { what: 'databases', state: 'ok', found: found.join(', ') };
  const howTo = ['Start the application: it sets a broken cache aside, pulls it again, and salvages an outbox.'];
  return { what: 'databases', state: 'note', found: found.join(', '), howToGet: howTo };
}

/** The newest format that this version can open; of the files that are not the core's nobody here can tell. */
function knownVersion(file: string): number {
  if (file.endsWith('cache.db')) return cacheMigrations.length;
  return file.endsWith('outbox.db') ? outboxMigrations.length : Infinity;
}

function databaseFiles(dataDir: string): string[] {
  const profiles = join(dataDir, 'profiles');
  const names = existsSync(profiles) ? readdirSync(profiles) : [];
  const files = names.flatMap((name) => ['cache.db', 'outbox.db'].map((file) => join('profiles', name, file)));
  return [...files, join('worker', 'store.db'), 'temporal.db'].filter((file) => existsSync(join(dataDir, file)));
}

const marks = { ok: 'ok     ', note: 'note   ', missing: 'MISSING' } as const;

/** The report for people. */
export function reportText(report: DoctorReport): string {
  const lines = report.findings.flatMap(({ what, state, found, howToGet: how = [] }) => [
    `${marks[state]}  ${what.padEnd(11)}  ${found}`,
    ...how.map((each) => `${' '.repeat(22)}→ ${each}`),
  ]);
  const verdict = report.usable
    ? 'Countersign can be started: npm start'
    : 'Countersign cannot be started until this is put right.';
  return [`Countersign ${report.version} on ${report.platform}`, '', ...lines, '', verdict].join('\n');
}
