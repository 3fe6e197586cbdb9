// Owns one application of solo mode for an end-to-end test: a data folder, the process on it while it runs, a page that shows it.
// Asks over the folder's socket, as a terminal does, but without a process for each question.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { stillRuns } from '../../main/embedded/process-identity.ts';
import type { ProcessIdentity } from '../../main/embedded/process-identity.ts';
import { askHost } from '../../main/host-client.ts';
import type { CommandInput, CommandName, CommandOutput, Result } from '../../preload/contract.ts';
import { startProgram } from './child.ts';
import type { Child } from './child.ts';

export interface Solo {
  dataDir: string;
  /** The page of the running application. */
  page(): Page;
  /** Starts the application and opens its page. */
  open(): Promise<Page>;
  /** Closes page and application as a person would. */
  close(): Promise<void>;
  /** SIGKILL: nothing of the application gets a chance to write or to end its children. */
  kill(): Promise<void>;
  /** Asks the running application as one of the practice identities; `ok: false` comes back as it is. */
  call<Name extends CommandName>(
    as: string,
    name: Name,
    input: CommandInput<Name>,
  ): Promise<Result<CommandOutput<Name>>>;
  /** As `call`, but a failure fails the test. */
  ask<Name extends CommandName>(as: string, name: Name, input: CommandInput<Name>): Promise<CommandOutput<Name>>;
  /** Server and worker as the application noted them in its data folder; whether they run is for `stillRuns` to say. */
  children(): ProcessIdentity[];
  /** Ends everything, also what a killed application left, and removes the folder. */
  end(): Promise<void>;
}

/** Makes an empty data folder. Nothing runs yet. `look`: the pages' size and colours. */
export function makeSolo(temporalPath: string, browser: Browser, look: BrowserContextOptions = {}): Solo {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-solo-'));
  let application: Child | null = null;
  let page: Page | null = null;
  const known: ProcessIdentity[] = [];

  async function call<Name extends CommandName>(
    as: string,
    name: Name,
    input: CommandInput<Name>,
  ): Promise<Result<CommandOutput<Name>>> {
    const answer = await askHost(dataDir, { name, input, profile: as });
    if (answer.kind !== 'answered') throw new Error(`${name} was not answered: ${JSON.stringify(answer)}`);
    return answer.result as Result<CommandOutput<Name>>;
  }
  function children(): ProcessIdentity[] {
    const noted = ['temporal', 'worker'].flatMap((name) => {
      const file = join(dataDir, 'run', `${name}.json`);
      if (!existsSync(file)) return [];
      return [(JSON.parse(readFileSync(file, 'utf8')) as { child: ProcessIdentity }).child];
    });
    known.push(...noted);
    return noted;
  }
  async function close(): Promise<void> {
    await page?.context().close();
    page = null;
    await application?.end();
    application = null;
  }

  return {
    dataDir,
    call,
    children,
    close,
    page() {
      if (!page) throw new Error(`the application on ${dataDir} has no open page`);
      return page;
    },
    async open() {
      const args = ['--host', 'browser', '--no-open', '--data', dataDir];
      application = startProgram('main/start.ts', args, { TEMPORAL_CLI: temporalPath });
      const [, url] = await application.says(/Countersign is ready at (\S+)/);
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...look });
      page = await context.newPage();
      page.setDefaultTimeout(30_000);
      await page.goto(url ?? '');
      await page.getByRole('heading', { level: 1 }).waitFor();
      return page;
    },
    async kill() {
      await application?.end('SIGKILL');
      application = null;
      await page?.context().close();
      page = null;
    },
    async ask(as, name, input) {
      const result = await call(as, name, input);
      if (!result.ok) throw new Error(`${name}: ${result.error.kind}: ${result.error.message}`);
      return result.value;
    },
    async end() {
      await close();
      children();
      for (const child of known) if (stillRuns(child)) process.kill(child.pid, 'SIGKILL');
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const beforeSamples = ['planning', 'data-profiling', 'scoping', 'data-owner-id'] as const;

/** Has the practice manager skip what comes before and beside the samples; resolves when samples can be planned. */
export async function skipToSamples(solo: Pick<Solo, 'ask' | 'call'>, reportId: string): Promise<void> {
  const stateOf = async (as: string, phase: (typeof beforeSamples)[number] | 'sample-selection') => {
    await solo.ask(as, 'sync:now', { waitMs: 5_000 });
    const result = await solo.call(as, 'phase:get', { reportId, phase });
    return result.ok ? result.value.state.state : null;
  };
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  await until(async () => (await stateOf('mara', 'planning')) !== null);
  for (const phase of beforeSamples) {
    await solo.ask('mara', 'phase:skip', { reportId, phase, reason: 'this test is about samples' });
  }
  await until(async () => (await stateOf('tara', 'sample-selection')) === 'in-work');
}

/** Starts a report that begins with its samples, over the whole population; answers with its id. */
export async function startSamples(solo: Pick<Solo, 'ask'>): Promise<string> {
  const { reportIds } = await solo.ask('mara', 'cycle:start', {
    name: 'Samples only',
    reports: [
      {
        name: 'Accounts',
        assignments: [
          { personId: 'tara', role: 'tester' },
          { personId: 'olga', role: 'report-owner' },
          { personId: 'lena', role: 'test-lead' },
          { personId: 'mara', role: 'test-manager' },
        ],
        lobs: { kind: 'none' },
        skips: beforeSamples.map((phase) => ({ phase, reason: 'this test is about samples' })),
      },
    ],
  });
  return reportIds[0] ?? '';
}
