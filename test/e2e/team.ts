// Owns a whole team for an end-to-end test: one server, one worker, people and their laptops, all real processes and files.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import type { CommandInput, CommandName, CommandOutput, Result } from '../../preload/contract.ts';
import { startTestTemporal } from '../server/temporal.ts';
import type { TestTemporal } from '../server/temporal.ts';
import { startProgram } from './child.ts';
import type { Child } from './child.ts';

/** A laptop: a data folder, an application on it while it runs, and a page that shows it. */
export interface Laptop {
  dataDir: string;
  personId: string;
  /** The page of the running application. */
  page(): Page;
  /** Starts the application and opens its page. */
  open(): Promise<Page>;
  /** Closes page and application as a person would. */
  close(): Promise<void>;
  /** SIGKILL: nothing of the application gets a chance to write. */
  kill(): Promise<void>;
  /** The same contract from a terminal; `ok: false` comes back as it is. */
  call<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<Result<CommandOutput<Name>>>;
  /** As `call`, but a failure fails the test. */
  ask<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandOutput<Name>>;
}

/** A running application with its page. */
export interface OpenWindow {
  page: Page;
  /** Closes it as a person would. */
  close(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Starts the application of one host on a data folder. */
export type OpenHost = (options: {
  dataDir: string;
  personId: string;
  env: Record<string, string>;
}) => Promise<OpenWindow>;

export interface Team {
  dir: string;
  laptop(name: string, personId: string): Laptop;
  /** Writes the people file; `managerKey` lets the manager's first laptop in. */
  startWorker(managerKey: string): Promise<Child>;
  /** Starts another worker on the same folder and people file. */
  startWorkerAgain(): Promise<Child>;
  worker(): Child;
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
  address(): string;
  /** Ends everything and removes the folders. */
  end(): Promise<void>;
}

const viewport = { width: 1440, height: 900 };

const people = (managerKey: string) => ({
  people: [
    { personId: 'mara', name: 'Mara Manager', roles: ['test-manager'], devices: [managerKey] },
    { personId: 'tara', name: 'Tara Tester', roles: ['tester'] },
    { personId: 'olga', name: 'Olga Owner', roles: ['report-owner'] },
    { personId: 'lena', name: 'Lena Lead', roles: ['test-lead'] },
    { personId: 'both', name: 'Bodo Both', roles: ['tester', 'report-owner'] },
  ],
});

/** Makes a team in a temporary folder. Nothing runs yet but the server. */
export async function makeTeam(temporalPath: string, openHost: OpenHost): Promise<Team> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-team-'));
  const serverDir = join(dir, 'server');
  let server: TestTemporal | null = await startTestTemporal({ binary: temporalPath, dataDir: serverDir });
  const address = server.address;
  const port = Number(address.split(':')[1]);
  let worker: Child | null = null;
  const laptops: Laptop[] = [];
  const peopleFile = join(dir, 'people.json');

  async function startWorkerAgain(): Promise<Child> {
    worker = startProgram('worker/main.ts', [], {
      TEMPORAL_ADDRESS: address,
      COUNTERSIGN_PEOPLE: peopleFile,
      COUNTERSIGN_WORKER_DATA: join(dir, 'worker'),
    });
    await worker.says(/"event":"ready"/);
    return worker;
  }

  return {
    dir,
    address: () => address,
    laptop(name, personId) {
      const laptop = makeLaptop(openHost, join(dir, name), personId, address);
      laptops.push(laptop);
      return laptop;
    },
    async startWorker(managerKey) {
      await writeFile(peopleFile, JSON.stringify(people(managerKey)));
      return startWorkerAgain();
    },
    startWorkerAgain,
    worker() {
      if (!worker) throw new Error('the worker was not started');
      return worker;
    },
    async startServer() {
      server = await startTestTemporal({ binary: temporalPath, dataDir: serverDir, port });
    },
    async stopServer() {
      await server?.stop();
      server = null;
    },
    async end() {
      await Promise.allSettled(laptops.map((laptop) => laptop.close()));
      await worker?.end();
      await server?.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The browser host, its page in `browser`. */
export function browserHost(browser: Browser): OpenHost {
  return async ({ dataDir, personId, env }) => {
    const options = ['--host', 'browser', '--no-open', '--data', dataDir, '--profile', personId];
    const application = startProgram('main/start.ts', options, env);
    const [, url] = await application.says(/Countersign is ready at (\S+)/u);
    const context = await browser.newContext({ viewport, acceptDownloads: true });
    const page = await context.newPage();
    await page.goto(url ?? '');
    return {
      page,
      async close() {
        await context.close();
        await application.end();
      },
      async kill() {
        await application.end('SIGKILL');
        await context.close();
      },
    };
  };
}

function makeLaptop(openHost: OpenHost, dataDir: string, personId: string, address: string): Laptop {
  let window: OpenWindow | null = null;
  const env = { TEMPORAL_ADDRESS: address };

  async function call<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
  ): Promise<Result<CommandOutput<Name>>> {
    const child = startProgram(
      'main/cli.ts',
      ['call', name, JSON.stringify(input), '--profile', personId, '--data', dataDir],
      env,
    );
    const code = await child.ended;
    const line = child
      .said()
      .split('\n')
      .find((text) => text.startsWith('{'));
    if (line === undefined) throw new Error(`call ${name} answered with code ${code} and no result:\n${child.said()}`);
    return JSON.parse(line) as Result<CommandOutput<Name>>;
  }

  const laptop: Laptop = {
    dataDir,
    personId,
    call,
    async ask(name, input) {
      const result = await call(name, input);
      if (!result.ok) throw new Error(`${name}: ${result.error.kind}: ${result.error.message}`);
      return result.value;
    },
    page() {
      if (!window) throw new Error(`the laptop in ${dataDir} has no open page`);
      return window.page;
    },
    async open() {
      window = await openHost({ dataDir, personId, env });
      window.page.setDefaultTimeout(30_000);
      return window.page;
    },
    async close() {
      await window?.close();
      window = null;
    },
    async kill() {
      await window?.kill();
      window = null;
    },
  };
  return laptop;
}
