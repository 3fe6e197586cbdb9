// `import-large.ts receive|import FILE FOLDER`: does one half of an import in a process of its own and says what memory it took.
// `receive` is the host's half (main/core), `import` the worker's (worker/population): in the product they are two processes too.
import { createReadStream, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { receiveInto } from '../../../../main/core/imports/incoming-file.ts';
import { openPopulationStore } from '../../../../worker/population/population-store.ts';

/** What the program prints as JSON. Bytes above the start are the peak of resident memory less what the process had before the work. */
export interface MemoryReport {
  peakAboveStartBytes: number;
  seconds: number;
  /** `receive`: SHA-256 and size. `import`: kind, rows, key column. */
  outcome: Record<string, unknown>;
}

async function receive(file: string, folder: string): Promise<MemoryReport['outcome']> {
  const target = join(folder, 'received');
  const body = createReadStream(file, { highWaterMark: 256 * 1024 });
  const { signal } = new AbortController();
  return { ...(await receiveInto(body, { target, folder, signal, limitBytes: null, onProgress: () => undefined })) };
}

async function importFile(file: string, folder: string): Promise<MemoryReport['outcome']> {
  const store = await openPopulationStore({ dir: join(folder, 'populations') });
  const { signal } = new AbortController();
  const found = await store.import({
    ...{ file, fileName: basename(file), populationHash: 'a'.repeat(64), keyColumn: null, signal },
    onProgress: (message) => void (process.env['COUNTERSIGN_SAY_STEPS'] && console.error(message, peakBytes() >> 20)),
  });
  await store.close();
  if (found.kind === 'failed') return { ...found };
  const { kind, rowCount, keyColumn, columns } = found;
  return { kind, rowCount, keyColumn, types: columns.map((column) => column.type) };
}

/**
 * The highest that resident memory ever was; the system counts it, so nothing between two looks is missed. Linux is asked for the
 * program's own figure, because the usual one begins with what the parent had when it forked.
 */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(peak) * 1024;
}

const [what, file = '', folder = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const startBytes = process.memoryUsage.rss();
const startedAtMs = performance.now();
const outcome = what === 'receive' ? await receive(file, folder) : await importFile(file, folder);
const report: MemoryReport = {
  peakAboveStartBytes: peakBytes() - startBytes,
  seconds: (performance.now() - startedAtMs) / 1_000,
  outcome,
};
console.log(JSON.stringify(report));
