// A CSV of 2 GB, made here, through both halves of an import: the host's receiving and the worker's reading, each in its own process.
// Prints the memory that each took above its start. Needs about 5 GB of disk for its time.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeLargeCsv } from '../worker/population/large-csv.ts';
import type { MemoryReport } from '../worker/population/programs/import-large.ts';

const program = join(import.meta.dirname, '../worker/population/programs/import-large.ts');
const megabyte = 1024 * 1024;
const limitMegabytes = 300;

export async function importTwoGigabytes(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-soak-'));
  try {
    const csv = join(folder, 'two-gigabytes.csv');
    const { rows, bytes, hash } = await writeLargeCsv(csv, 2 * 1024 * megabyte);
    console.log(`  made ${Math.round(bytes / megabyte).toLocaleString('en')} MB, ${rows.toLocaleString('en')} rows`);
    const received = await inOwnProcess('receive', csv, folder);
    rmSync(join(folder, 'receive'), { recursive: true });
    const imported = await inOwnProcess('import', csv, folder);
    return [
      received.peakAboveStartBytes <= limitMegabytes * megabyte,
      imported.peakAboveStartBytes <= limitMegabytes * megabyte,
      received.outcome['fileHash'] === hash,
      imported.outcome['rowCount'] === rows,
    ].every(Boolean);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inOwnProcess(what: 'receive' | 'import', csv: string, folder: string): Promise<MemoryReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, what, csv, join(folder, what)]);
  const report = JSON.parse(stdout) as MemoryReport;
  const megabytes = Math.round(report.peakAboveStartBytes / megabyte);
  console.log(
    `  ${what}: ${megabytes} MB above the start (goal ≤ ${limitMegabytes} MB), ${Math.round(report.seconds)} s`,
  );
  console.log(`  ${what}: ${JSON.stringify(report.outcome)}`);
  return report;
}
