// Owns downloading the pinned Temporal CLI with the SDK's own code: `fetch-temporal FOLDER VERSION`. Runs on a real Node only.
// Prints JSON lines: {"event":"progress","bytes"}, then {"event":"done","path"} or {"event":"failed","reason"}.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Without a new byte for so long there is no connection worth waiting for. */
const stallLimitMs = 20_000;

const [folder, version] = process.argv.slice(2);
if (!folder || !version) {
  console.error('usage: fetch-temporal FOLDER VERSION');
  process.exit(2);
}

/** How much of the executable is in the folder, whatever the SDK calls the unfinished file. */
function bytesIn(path: string): number {
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

function say(event: { event: 'progress'; bytes: number } | { event: 'done'; path: string }): void {
  console.log(JSON.stringify(event));
}

function fail(reason: string): never {
  console.log(JSON.stringify({ event: 'failed', reason }));
  process.exit(1);
}

let bytes = 0;
let changedAtMs = Date.now();
const watching = setInterval(() => {
  const now = bytesIn(folder);
  if (now !== bytes) {
    bytes = now;
    changedAtMs = Date.now();
    say({ event: 'progress', bytes });
  } else if (Date.now() - changedAtMs > stallLimitMs) {
    fail(`nothing came for ${stallLimitMs / 1_000} s`);
  }
}, 500);

try {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  // The SDK has no download alone: it starts what it fetched, which shows at once that it runs here.
  const executable = { type: 'cached-download', version: `v${version}`, downloadDir: folder } as const;
  const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  clearInterval(watching);
  await environment.teardown();
  const name = readdirSync(folder).find((each) => each.startsWith('temporal-'));
  if (!name) fail('the SDK left no executable in the folder');
  say({ event: 'done', path: join(folder, name) });
  process.exit(0);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
