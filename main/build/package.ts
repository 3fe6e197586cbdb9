// Owns `npm run package`: Electron's binary first (nothing is built without it), then dist/, then electron-builder.
// `--dir` makes the unpacked application only; other arguments go to electron-builder as they are.
import '../node-guard.ts';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fetchElectron } from '../electron-binary.ts';
import { projectRoot } from './sources.ts';

const fetchLimitMs = 60_000;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const args = process.argv.slice(2);
const foreign = foreignTarget(args, process.platform);
if (foreign) {
  say(
    `${foreign} cannot be packaged on ${process.platform}: the worker's Node and native modules are this platform's.`,
  );
  process.exit(2);
}
const electron = await fetchElectron({ limitMs: fetchLimitMs, signal: new AbortController().signal, say });
if (electron.kind === 'missing') {
  say(`Nothing was packaged: Electron's binary cannot be had (${electron.reason}).`);
  say('Behind a proxy set HTTPS_PROXY; for a mirror of its releases set ELECTRON_MIRROR. Then try again.');
  process.exit(1);
}
const built = await run([join(projectRoot, 'main', 'build', 'build.ts')]);
if (built !== 0) process.exit(1);
const builder = createRequire(import.meta.url).resolve('electron-builder/cli.js');
process.exit(
  await run([builder, '--config', join(projectRoot, 'electron-builder.yml'), '--publish', 'never', ...args]),
);

function run(programAndArgs: string[]): Promise<number> {
  const child = spawn(process.execPath, programAndArgs, { cwd: projectRoot, stdio: 'inherit' });
  return new Promise((done) => {
    child.once('error', (error) => {
      say(error.message);
      done(1);
    });
    child.once('close', (code) => done(code ?? 1));
  });
}

/** A target among the arguments that this platform cannot make; null when there is none. */
function foreignTarget(given: readonly string[], platform: NodeJS.Platform): string | null {
  const own = {
    darwin: ['--mac', '-m', '-o', '--macos'],
    win32: ['--win', '-w', '--windows'],
    linux: ['--linux', '-l'],
  };
  const all = Object.values(own).flat();
  const allowed = platform === 'darwin' || platform === 'win32' || platform === 'linux' ? own[platform] : [];
  return given.find((arg) => all.includes(arg) && !allowed.includes(arg)) ?? null;
}
