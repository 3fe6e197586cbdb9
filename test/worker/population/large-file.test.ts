// A population of 200 MB is streamed: neither the host that receives it nor the worker that reads it holds it in memory.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeLargeCsv } from './large-csv.ts';
import type { LargeFile } from './large-csv.ts';
import type { MemoryReport } from './programs/import-large.ts';

const program = join(import.meta.dirname, 'programs/import-large.ts');
const megabyte = 1024 * 1024;
const limitBytes = 300 * megabyte;

let folder: string;
let csv: string;
let large: LargeFile;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-large-'));
  csv = join(folder, 'large.csv');
  large = await writeLargeCsv(csv, 200 * megabyte);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function inOwnProcess(what: 'receive' | 'import'): Promise<MemoryReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, what, csv, join(folder, what)]);
  const report = JSON.parse(stdout) as MemoryReport;
  const megabytes = Math.round(report.peakAboveStartBytes / megabyte);
  console.log(`${what} of 200 MB: ${megabytes} MB of memory above the start, ${report.seconds.toFixed(1)} s`);
  return report;
}

test('the host receives 200 MB within 300 MB of memory above its start', async () => {
  const report = await inOwnProcess('receive');
  expect(report.outcome).toEqual({ fileHash: large.hash, fileSize: large.bytes });
  expect(report.peakAboveStartBytes).toBeLessThan(limitBytes);
});

test('the worker imports 200 MB within 300 MB of memory above its start', { timeout: 240_000 }, async () => {
  const report = await inOwnProcess('import');
  expect(report.outcome).toMatchObject({ kind: 'ready', rowCount: large.rows, keyColumn: 'ID' });
  expect(report.peakAboveStartBytes).toBeLessThan(limitBytes);
});
