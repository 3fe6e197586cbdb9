// Owns the terminal's entry: `doctor`, `commands`, `call`. Prints results on stdout and everything else on stderr. Knows no screen.
import './node-guard.ts';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { commands } from '../preload/contract.ts';
import type { Result } from '../preload/contract.ts';
import { cliUsage, describeCommands, readCli } from './cli-options.ts';
import type { CliRequest } from './cli-options.ts';
import { dataDirOf } from './data-dir.ts';

type Call = Extract<CliRequest, { kind: 'call' }>;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const json = (value: unknown): string => JSON.stringify(value, null, 2);

async function main(): Promise<number> {
  const request = readCli(process.argv.slice(2));
  switch (request.kind) {
    case 'help':
      print(cliUsage);
      return 0;
    case 'wrong':
      say(`${request.message}\n\n${cliUsage}`);
      return 2;
    case 'doctor': {
      const { examine, reportText } = await import('./doctor.ts');
      const report = await examine(dataDirOf(request.data));
      print(request.json ? json(report) : reportText(report));
      return report.usable ? 0 : 1;
    }
    case 'commands': {
      const described = await describeCommands();
      const width = Math.max(...described.map(({ name }) => name.length));
      print(
        request.json
          ? json(described)
          : described.map((each) => `${each.name.padEnd(width)}  ${each.summary}`).join('\n'),
      );
      return 0;
    }
    case 'call':
      return call(request);
  }
}

async function call(request: Call): Promise<number> {
  const source = request.inputText === '-' ? await text(process.stdin) : request.inputText;
  let input: unknown;
  try {
    input = JSON.parse(source);
  } catch (error) {
    say(`The input of ${request.name} is no JSON (${messageOf(error)}). Quote it: call ${request.name} '{"…": "…"}'`);
    return 2;
  }
  const result = await resultOf(request, input);
  // One line, so that a script can read it as such.
  print(JSON.stringify(result));
  return result.ok ? 0 : 1;
}

/** From the running host, else from the data folder itself. */
async function resultOf(request: Call, input: unknown): Promise<Result<unknown>> {
  const dataDir = dataDirOf(request.data);
  const { name, profile } = request;
  const { askHost } = await import('./host-client.ts');
  // A host that has the folder's lock opens its socket some moments later.
  for (let attempt = 0; ; attempt += 1) {
    const answer = await askHost(dataDir, { name, input, profile });
    if (answer.kind === 'answered') return answer.result;
    if (answer.kind === 'lost') {
      return {
        ok: false,
        error: { kind: 'unavailable', message: `No answer from the application: ${answer.message}.` },
      };
    }
    const result = await openAndCall(request, input, dataDir);
    if (result !== 'in-use') return result;
    if (attempt === 50) return inUse(dataDir);
    await sleep(100);
  }
}

async function openAndCall(request: Call, input: unknown, dataDir: string): Promise<Result<unknown> | 'in-use'> {
  // Not loaded where a host answers: it takes longer than the answer.
  const [{ openHost }, { privateFileVault }, { failureOf }, { isFolderInUse }] = await Promise.all([
    import('./host-core.ts'),
    import('./vaults.ts'),
    import('./core/failure.ts'),
    import('./core/data-folder.ts'),
  ]);
  const server = commands[request.name].needs === 'server' ? 'as-configured' : 'none';
  const { profile = null } = request;
  // Solo: asking as another identity must not make it the active one. In a team the folder is opened as the person.
  const opened = process.env['TEMPORAL_ADDRESS'] ? profile : null;
  try {
    const host = await openHost({ dataDir, profile: opened, vault: privateFileVault, server, socket: false });
    const interrupted = (): void => void host.close().finally(() => process.exit(130));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
    try {
      return await host.application.invoke(request.name, input, profile === null ? {} : { profile });
    } finally {
      await host.close();
    }
  } catch (error) {
    return isFolderInUse(error) ? 'in-use' : { ok: false, error: failureOf(error) };
  }
}

function inUse(dataDir: string): Result<never> {
  const message = `Another Countersign uses ${dataDir} and does not answer. End it, or choose another folder with --data.`;
  return { ok: false, error: { kind: 'unavailable', message } };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// A pipe takes its time: the process ends when everything is written, and nothing that was started keeps it alive.
const code = await main();
process.stdout.write('', () => process.exit(code));
