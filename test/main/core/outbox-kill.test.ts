// The outbox's writer is killed at named steps and at random moments: nothing that was confirmed is lost or doubled.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openOutbox } from '../../../main/core/outbox/outbox.ts';

const writer = fileURLToPath(new URL('outbox-writer.ts', import.meta.url));
const steps = [
  'before begin',
  'in transaction',
  'after commit, before the answer',
  'in the queueing transaction',
  'after queueing, before the answer',
  'a random moment',
] as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  drafted: number[];
  queued: number[];
  stopped: string | null;
}

/** Runs the writer and kills it where it was told to stop, or after so many lines. */
function runAndKill(file: string, first: number, step: string, inRound: number, afterLines: number): Promise<Run> {
  const named = step === 'a random moment' ? '' : step;
  const child = spawn(process.execPath, [writer, file, String(first), '1000', named, String(inRound)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const run: Run = { drafted: [], queued: [], stopped: null };
  return new Promise((resolve, reject) => {
    let text = '';
    let lines = 0;
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const [word, ...rest] = text.slice(0, end).split(' ');
        text = text.slice(end + 1);
        lines += 1;
        if (word === 'drafted') run.drafted.push(Number(rest[0]));
        if (word === 'queued') run.queued.push(Number(rest[0]));
        if (word === 'stopped') run.stopped = rest.slice(0, -1).join(' ');
        if (word === 'stopped' || (named === '' && lines === afterLines)) child.kill('SIGKILL');
      }
    });
    child.on('error', reject);
    child.on('close', () => resolve(run));
  });
}

/** More by `npm run soak`. */
const kills = Number(process.env['COUNTERSIGN_KILLS'] ?? 20);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);

test(
  `${kills} kills lose nothing that was confirmed, double nothing and leave a sound file`,
  async () => {
    const numbers = fc.sample(fc.integer({ min: 0, max: 12 }), { numRuns: kills, seed });
    const file = join(folder, 'outbox.db');
    const drafted = new Set<number>();
    const queued = new Set<number>();
    const hits: string[] = [];
    for (const [index, number] of numbers.entries()) {
      const first = index * 1000;
      const step = steps[index % steps.length]!;
      const run = await runAndKill(file, first, step, first + number, number + 1);
      for (const round of run.drafted) drafted.add(round);
      for (const round of run.queued) queued.add(round);
      hits.push(run.stopped ?? 'a random moment');

      const outbox = openOutbox({ file });
      expect(outbox.setAside).toBeNull();
      expect(outbox.db.pragma('integrity_check', { simple: true })).toBe('ok');
      const rows = outbox.db
        .prepare<[], { version_id: string; rows: number; states: string; operations: number }>(
          `SELECT version_id, count(*) AS rows, group_concat(DISTINCT state) AS states,
           count(DISTINCT operation_id) AS operations FROM decisions GROUP BY version_id`,
        )
        .all();
      const byRound = new Map(rows.map((row) => [Number(row.version_id.slice(8)), row]));
      for (const round of drafted) expect(byRound.get(round)?.rows, `drafted ${round}, seed ${seed}`).toBe(3);
      for (const round of queued)
        expect(byRound.get(round), `queued ${round}, seed ${seed}`).toMatchObject({ states: 'queued', operations: 1 });
      for (const row of rows) expect([row.rows, ['draft', 'queued'].includes(row.states)]).toEqual([3, true]);
      const sequences = outbox.db.prepare('SELECT sequence FROM operations ORDER BY 1').pluck().all();
      expect(sequences).toEqual(sequences.map((_, place) => place + 1));
      outbox.close();
    }
    console.log(`outbox kills, seed ${seed}: ${hits.join(' | ')}`);
    for (const step of steps) expect(hits).toContain(step);
  },
  120_000 + kills * 5_000,
);

test('each commit of the outbox reaches the disk: at least one fsync each', ({ skip }) => {
  const trace = join(folder, 'trace');
  const probe = spawnSync('strace', ['-o', trace, '-e', 'trace=fsync', 'true'], { encoding: 'utf8' });
  if (probe.status !== 0) {
    const why = probe.error?.message ?? probe.stderr.trim();
    console.log(`fsync count not measured: strace does not work here (${why})`);
    skip(`strace does not work here: ${why}`);
  }
  const command = [process.execPath, writer, join(folder, 'outbox.db'), '0', '50'];
  const output = execFileSync('strace', ['-f', '-o', trace, '-e', 'trace=fsync,fdatasync', ...command], {
    encoding: 'utf8',
  });
  expect(
    output
      .trim()
      .split('\n')
      .filter((line) => /^(drafted|queued)/.test(line)),
  ).toHaveLength(100);
  const synced = readFileSync(trace, 'utf8')
    .split('\n')
    .filter((line) => /f(data)?sync\(.*= 0/.test(line)).length;
  console.log(`100 commits of the outbox: ${synced} fsyncs`);
  expect(synced).toBeGreaterThanOrEqual(100);
}, 60_000);
