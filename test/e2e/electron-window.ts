// Owns starting the application in Electron's own window for tests, and why that cannot be done where it cannot.
import { spawnSync } from 'node:child_process';
import { _electron } from 'playwright';
import type { ElectronApplication } from 'playwright';
import { findElectron } from '../../main/electron-binary.ts';
import { hasDisplay } from '../../main/start-options.ts';
import { projectRoot } from './child.ts';
import type { OpenHost } from './team.ts';

const electron = findElectron();

/** Null where Electron's binary and a display are. */
export const whyNoElectron =
  electron.kind === 'missing'
    ? `Electron's binary is not here: ${electron.reason}`
    : hasDisplay(process.platform, process.env)
      ? null
      : 'there is no display';
if (whyNoElectron !== null) console.log(`The tests in Electron's window are skipped: ${whyNoElectron}`);

/** Builds page, main process and preload where their sources are newer. */
export function buildForElectron(): void {
  const parts = ['page', 'electron', '--if-needed'];
  const built = spawnSync(process.execPath, ['main/build/build.ts', ...parts], { cwd: projectRoot });
  if (built.status !== 0) throw new Error(built.stderr.toString('utf8'));
}

/** Starts Electron on the project with these options. */
export function launchElectron(options: string[], env: Record<string, string>): Promise<ElectronApplication> {
  const kept = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined || /^(TEMPORAL_|COUNTERSIGN_DATA)/u.test(name) ? [] : [[name, value]],
  );
  return _electron.launch({
    executablePath: electron.kind === 'here' ? electron.path : '',
    args: [projectRoot, ...options],
    env: { ...(Object.fromEntries(kept) as Record<string, string>), ...env },
  });
}

/** Electron's host, its own window as the page. */
export const electronHost: OpenHost = async ({ dataDir, personId, env }) => {
  const application = await launchElectron([`--data=${dataDir}`, `--profile=${personId}`], env);
  const page = await application.firstWindow();
  return {
    page,
    close: () => application.close(),
    async kill() {
      const ended = application.waitForEvent('close');
      application.process().kill('SIGKILL');
      await ended;
    },
  };
};
