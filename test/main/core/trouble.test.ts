// Trouble as the application meets it, without a server: damaged, newer and unwritable files, and input that a person gets wrong.
// Each says what, where and what to do, and loses nothing.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noteLimit } from '../../../domain/decision.ts';
import type { Population } from '../../../domain/population.ts';
import { openApplication } from '../../../main/core/application.ts';
import type { Application } from '../../../main/core/application.ts';
import type { CommandInput, CommandName, CommandOutput, Failure } from '../../../preload/contract.ts';
import { makeLaptop, sampleThings, versionId } from '../../bench/cached-laptop.ts';
import { readyPopulation } from '../../builders.ts';
import { coreOn, coreOptions, temporaryFolder } from './core-world.ts';
import { asShown, at, pageOf, report, reportId } from './desk-builder.ts';

const items = 400;
let folder = temporaryFolder();
let application: Application | null = null;
beforeEach(async () => {
  folder = temporaryFolder();
  await makeLaptop(folder.path, items);
});
afterEach(async () => {
  await close();
  folder.remove();
});

async function open(profile = 'olga'): Promise<void> {
  application = await openApplication(coreOptions(folder.path, { profile }));
}
async function close(): Promise<void> {
  await application?.close();
  application = null;
}
const invoke = (name: string, input: unknown) => (application as Application).invoke(name, input);
async function ask<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<CommandOutput<Name>> {
  const result = await invoke(name, input);
  if (!result.ok) throw new Error(`${name}: ${result.error.kind}: ${result.error.message}`);
  return result.value as CommandOutput<Name>;
}
async function failureOf(name: string, input: unknown): Promise<Failure> {
  const result = await invoke(name, input);
  if (result.ok) throw new Error(`${name} did not fail`);
  return result.error;
}

const file = (name: 'cache.db' | 'outbox.db', profile = 'olga') => join(folder.path, 'profiles', profile, name);
const shown = sampleThings(items).map((thing) => asShown(thing));
const decide = (from: number, to: number) => ask('decision:record', { versionId, decisions: shown.slice(from, to) });
/** What a person would miss: drafts and queued decisions. */
const waiting = async () => {
  const { draft, queued } = (await ask('sync:status', {})).counts;
  return { draft, queued };
};

/** A database of a version that is not out yet: its bytes, and which version it was. */
function fromTheFuture(path: string): { bytes: Buffer; own: number } {
  const db = new Database(path);
  const own = Number(db.pragma('user_version', { simple: true }));
  db.pragma('user_version = 99');
  db.pragma('journal_mode = DELETE');
  db.close();
  return { bytes: readFileSync(path), own };
}
/** Writes over pages in the middle of a file. */
function damage(path: string, pages = 3): void {
  const db = new Database(path);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  const half = Math.floor(statSync(path).size / 4096 / 2);
  const descriptor = openSync(path, 'r+');
  for (let page = half; page < half + pages; page += 1)
    writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  closeSync(descriptor);
}

describe('files', () => {
  test.each(['cache.db', 'outbox.db'] as const)(
    'a newer %s is refused with what to do, and left as it is',
    async (name) => {
      await open();
      await decide(0, 3);
      await close();
      const { bytes, own } = fromTheFuture(file(name));
      const other = name === 'cache.db' ? 'outbox.db' : 'cache.db';
      const untouched = statSync(file(other)).size;
      await expect(open()).rejects.toMatchObject({
        failure: {
          kind: 'refused',
          message: expect.stringMatching(
            /^The (cache|outbox) at \S+ was made by a newer version .* Nothing was changed\. Install that version again, or use another data folder with --data\.$/u,
          ) as string,
        },
      });
      expect(readFileSync(file(name)).equals(bytes)).toBe(true);
      expect(statSync(file(other)).size).toBe(untouched);
      const mended = new Database(file(name));
      mended.pragma(`user_version = ${own}`);
      mended.close();
      await open();
      expect(await waiting()).toEqual({ draft: 3, queued: 0 });
    },
  );

  test('a damaged cache is set aside and told until somebody read of it; drafts and queued decisions stay', async () => {
    await open();
    await decide(0, items);
    await ask('review:submit', { versionId, verdict: 'approved' });
    expect(await waiting()).toEqual({ draft: 0, queued: items + 1 });
    await close();
    damage(file('cache.db'), 40);
    // Not closed properly as far as the file says: every page is looked at.
    const db = new Database(file('cache.db'));
    db.pragma('application_id = 0');
    db.close();
    await open();
    expect(await waiting()).toEqual({ draft: 0, queued: items + 1 });
    expect(await ask('outbox:list', { limit: 1 })).toMatchObject({ total: items + 1 });
    await close();
    await open();
    const { damages } = await ask('sync:status', {});
    expect(damages).toMatchObject([
      {
        what: 'cache',
        file: `${file('cache.db')}.corrupt-1`,
        message: expect.stringMatching(/everything is fetched again. Drafts and decisions are not touched/u) as string,
      },
    ]);
    expect(existsSync(damages[0]?.file ?? '')).toBe(true);
    expect((await ask('damage:acknowledge', { damageId: damages[0]?.damageId ?? '' })).damages).toEqual([]);
    expect(await failureOf('damage:acknowledge', { damageId: 'x' })).toMatchObject({ kind: 'not-found' });
    await close();
    await open();
    expect((await ask('sync:status', {})).damages).toEqual([]);
    expect(existsSync(damages[0]?.file ?? '')).toBe(true);
  });

  test('a damaged outbox is salvaged, and the person is told what was carried over and what may be lost', async () => {
    await open();
    await decide(0, items);
    await ask('review:submit', { versionId, verdict: 'approved' });
    await close();
    damage(file('outbox.db'));
    await open();
    const { damages, counts } = await ask('sync:status', {});
    expect(damages).toMatchObject([{ what: 'outbox', file: `${file('outbox.db')}.corrupt-1` }]);
    expect(damages[0]?.message).toMatch(/was damaged. Carried over: .*operations.* The damaged file was kept as /u);
    expect(counts.draft + counts.queued).toBeGreaterThan(items / 2);
    expect((await ask('sync:diagnostics', {})).text).toContain(`outbox set aside at`);
    // It can be worked with: what was decided is shown, and can be submitted again where its operation was lost.
    expect((await ask('version:get', { versionId })).counts.total).toBe(items);
  });

  test('an outbox of which nothing can be read names its loss, and never uses a number again', async () => {
    await open();
    await decide(0, 2);
    await close();
    writeFileSync(file('outbox.db'), 'this is no database at all '.repeat(400));
    await open();
    const [found] = (await ask('sync:status', {})).damages;
    expect(found?.message).toMatch(
      /nothing of it can be read .* are lost here\. .*decide again what is missing\. The damaged file was kept as/u,
    );
    await decide(0, items);
    await ask('review:submit', { versionId, verdict: 'approved' });
    const db = new Database(file('outbox.db'), { readonly: true });
    const lowest = db.prepare('SELECT min(sequence) FROM operations').pluck().get() as number;
    db.close();
    expect(lowest).toBeGreaterThan(Date.parse('2026-01-01'));
  });

  test('a row of the outbox whose JSON was hit is left out, and the gap is named', async () => {
    await open();
    await decide(0, items);
    await ask('review:submit', { versionId, verdict: 'approved' });
    await close();
    const db = new Database(file('outbox.db'));
    db.prepare("UPDATE operations SET body = '{\"kind\": ' WHERE kind = 'decisions.record'").run();
    db.close();
    damage(file('outbox.db'), 1);
    await open();
    const [found] = (await ask('sync:status', {})).damages;
    expect(found?.message).toMatch(/Not everything could be read of: .*operations/u);
    // The decisions of the lost operation are drafts again.
    expect((await waiting()).draft).toBeGreaterThan(items / 2);
    expect((await ask('outbox:list', { limit: 500 })).total).toBeGreaterThan(items / 2);
  });
});

describe('a disk that takes nothing more', () => {
  const program = join(dirname(fileURLToPath(import.meta.url)), 'programs', 'full-disk.ts');

  test(
    'is told as "not saved" for a decision, a setting and a file; nothing that was confirmed is lost',
    { timeout: 60_000 },
    async (context) => {
      if (process.platform === 'win32') context.skip('there is no limit on the size of files on Windows');
      await open();
      await decide(0, 5);
      await close();
      // The shell's limit on the size of files, in kilobytes: each write beyond it fails, as on a full disk.
      const limitKilobytes =
        Math.ceil(
          Math.max(...['cache.db', 'outbox.db'].map((name) => statSync(file(name as 'cache.db')).size)) / 1024,
        ) + 80;
      const { stdout, stderr } = spawnSync(
        '/bin/bash',
        ['-c', `ulimit -f ${limitKilobytes} && exec "${process.execPath}" "${program}" "${folder.path}"`],
        { encoding: 'utf8' },
      );
      const said = JSON.parse(stdout.trim() || JSON.stringify({ stderr })) as {
        confirmed: number;
        decision: Failure;
        preference: Failure;
        received: Failure;
        left: string[];
      };
      expect(said.decision).toMatchObject({
        kind: 'not-saved',
        message: expect.stringContaining('Make room on the disk') as string,
      });
      expect(said.preference).toMatchObject({
        kind: 'not-saved',
        message: expect.stringContaining('Make room') as string,
      });
      expect(said.received).toMatchObject({
        kind: 'not-saved',
        message: expect.stringMatching(
          // Whichever write fails first: the file's own, or the note in the outbox that a file is coming.
          /^(?:The file was not saved to .*choose it again|This could not be kept on this laptop .*try again)/u,
        ) as string,
      });
      expect(said.left).toEqual([]);
      await open();
      expect((await ask('sync:status', {})).damages).toEqual([]);
      expect(await waiting()).toEqual({ draft: 5 + said.confirmed, queued: 0 });
    },
  );
});

describe('what a person gets wrong is refused with its field and the rule', () => {
  const one = shown[0] as (typeof shown)[number];
  const decisionWith = (decision: object) => ({ versionId, decisions: [{ ...one, decision }] });

  test.each<[string, string, unknown, RegExp]>([
    [
      'an unknown reason code',
      'decision:record',
      decisionWith({ verdict: 'rejected', reasonCode: 'bored' }),
      /reasonCode: .*"outside-population"\|"duplicate"/u,
    ],
    [
      'a rejection without a reason',
      'decision:record',
      decisionWith({ verdict: 'rejected' }),
      /a rejection needs a reason code/u,
    ],
    [
      'the reason "other" without a note',
      'decision:record',
      decisionWith({ verdict: 'rejected', reasonCode: 'other' }),
      /the reason "other" needs a note/u,
    ],
    [
      'a note that is too long',
      'decision:record',
      decisionWith({ verdict: 'rejected', reasonCode: 'other', note: 'n'.repeat(noteLimit + 1) }),
      /note: a note has at most 10,000 characters/u,
    ],
    [
      'a field nobody knows',
      'decision:record',
      { ...decisionWith({ verdict: 'approved' }), as: 'mara' },
      /Unrecognized key: "as"/u,
    ],
    [
      'an order of rows that nobody knows',
      'version:items',
      { versionId, sort: { by: 'colour' } },
      /rows are sorted by #, key, verdict/u,
    ],
    [
      'an own __proto__',
      'decision:record',
      JSON.parse(`{"versionId": "${versionId}", "decisions": [], "__proto__": {"verdict": "approved"}}`) as unknown,
      /__proto__|Too small/u,
    ],
    [
      'contents that changed',
      'decision:record',
      { versionId, decisions: [{ ...one, contentHash: 'a'.repeat(64) }] },
      /has other contents than the screen showed: read it again/u,
    ],
  ])('%s', async (_what, name, input, message) => {
    await open();
    const failure = await failureOf(name, input);
    expect(failure.message).toMatch(message);
    expect(['bad-input', 'refused']).toContain(failure.kind);
    expect(await waiting()).toEqual({ draft: 0, queued: 0 });
  });

  test('script and __proto__ in a note, a preference and a name come back as they were written', async () => {
    await open();
    const note = '<img src=x onerror=alert(1)><script>alert(1)</script>{"__proto__":{"polluted":1}}';
    await ask('decision:record', {
      versionId,
      decisions: [{ ...one, decision: { verdict: 'rejected', reasonCode: 'other', note } }],
    });
    const { row } = await ask('item:get', { versionId, itemKey: one.itemKey });
    expect(row.note).toBe(note);
    await ask('preference:set', { name: '__proto__', value: { dark: note } });
    expect(await ask('preference:get', { name: '__proto__' })).toEqual({ value: { dark: note } });
    expect(await ask('preference:get', { name: 'toString' })).toEqual({ value: null });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('a sample plan', () => {
  const populationHash = 'a'.repeat(64);
  const duplicate = 'b'.repeat(64);
  const plan = {
    reportId,
    populationHash,
    ...{ keyColumn: 'ID', lobColumn: null, risk: 0.05, tolerable: 0.05, expected: 0 },
  };
  beforeEach(async () => {
    const core = coreOn(folder.path, { profile: 'tara' });
    const ready = readyPopulation(500);
    const [column] = ready.columns;
    if (!column) throw new Error('a population has columns');
    const twice = { ...column, key: { unique: false, blankRows: [], duplicates: [{ value: '7', rows: [1, 3] }] } };
    const populations: Population[] = [
      { ...facts, populationHash, state: ready },
      { ...facts, populationHash: duplicate, state: { ...ready, columns: [twice] } },
    ];
    const rows = [
      { sequence: 1, change: { kind: 'report' as const, report: report() } },
      ...populations.map((population, index) => ({
        sequence: index + 2,
        change: { kind: 'population' as const, population },
      })),
    ];
    core.session('tara').cache.applyPage(pageOf(`report:${reportId}`, rows, rows.length));
    await core.close();
    await open('tara');
  });
  const facts = { reportId, fileName: 'a.csv', fileSize: 10, importedBy: 'tara', importedAt: at };

  test.each<[string, object, RegExp, string]>([
    [
      'a seed with a fraction',
      { seed: 1.5 },
      /the seed has to be an integer from 0 to 9007199254740991, in digits/u,
      'seed',
    ],
    ['a seed in words', { seed: 'tuesday' }, /the seed has to be an integer/u, 'seed'],
    ['a seed below zero', { seed: -1 }, /the seed has to be an integer/u, 'seed'],
    ['a seed that is too large', { seed: '9007199254740993' }, /at most 9007199254740991/u, 'seed'],
    ['an empty seed', { seed: ' ' }, /the seed has to be an integer/u, 'seed'],
    ['a sample larger than its population', { sampleSize: 501 }, /the population has only 500 rows/u, 'sampleSize'],
    [
      'a sample too small to support its conclusion',
      { sampleSize: 5 },
      /the plan needs at least \d+ items/u,
      'sampleSize',
    ],
    ['a key column that is not there', { keyColumn: 'KEY' }, /the population has no column "KEY"/u, 'keyColumn'],
    [
      'a key column with duplicates',
      { populationHash: duplicate },
      /duplicate keys: 7 \(rows 1, 3\)\. Choose another column or correct the file/u,
      'keyColumn',
    ],
    ['a rate of 500 %', { tolerable: 5 }, /tolerable: a rate is below 100 %/u, 'tolerable'],
  ])('with %s is refused before anything is recorded', async (_what, more, message, field) => {
    const failure = await failureOf('sample:plan', { ...plan, ...more });
    expect(failure).toMatchObject({ kind: 'bad-input', message: expect.stringMatching(message) as string });
    expect(failure.fields?.map(({ path }) => path)).toEqual([field]);
    expect((await ask('outbox:list', {})).total).toBe(0);
  });

  test('that cannot be for so small a population says why', async () => {
    const failure = await failureOf('sample:plan', { ...plan, expected: 0.05 });
    expect(failure.kind).toBe('bad-input');
    expect(failure.message).toMatch(/expected/u);
  });
});
