// Imports before a server is there: receiving, refusing early, waiting, restart, cancelling. Real files and databases.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Core } from '../../../main/core/core.ts';
import { CommandFailure } from '../../../main/core/failure.ts';
import type { Session } from '../../../main/core/session.ts';
import type { FilePurpose } from '../../../main/core/outbox/outbox.ts';
import { coreOn, saidServer, temporaryFolder, until } from './core-world.ts';

const reportId = 'report-0001';
let folder = temporaryFolder();
let core: Core;
let session: Session;

function open(more: Parameters<typeof coreOn>[1] = {}): void {
  core = coreOn(folder.path, more);
  session = core.session('tara');
}
beforeEach(() => {
  folder = temporaryFolder();
  open();
});
afterEach(async () => {
  await core.close();
  folder.remove();
});

const incoming = (): string[] => readdirSync(join(folder.path, 'incoming'));
async function failureOf(work: Promise<unknown>): Promise<{ kind: string; message: string }> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CommandFailure) return error.failure;
  throw new Error(`no failure but ${String(error)}`);
}
async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
const never = new AbortController().signal;
const population = (keyColumn: string | null): FilePurpose => ({ kind: 'population', keyColumn });
const meta = { fileName: 'accounts.csv', totalBytes: null, reportId };

describe('receiving a file', () => {
  test('keeps its bytes and names them by their hash', async () => {
    const job = await session.imports.receive(meta, pieces('ID\n', '1\n2\n'), never);
    const hash = createHash('sha256').update('ID\n1\n2\n').digest('hex');
    expect(job).toMatchObject({ fileHash: hash, fileSize: 7, fileName: 'accounts.csv' });
    expect(readFileSync(join(folder.path, 'incoming', job.importId), 'utf8')).toBe('ID\n1\n2\n');
  });

  test('takes 200 MB without holding them in memory', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    async function* large(): AsyncIterable<Uint8Array> {
      for (let count = 0; count < 200; count += 1) yield piece;
    }
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    const job = await session.imports.receive(meta, large(), never);
    clearInterval(watch);
    expect(job.fileSize).toBe(200 * 1024 * 1024);
    expect((most - before) / 1024 / 1024).toBeLessThan(300);
  });

  test('that is empty fails and leaves nothing', async () => {
    expect(await failureOf(session.imports.receive(meta, pieces(), never))).toMatchObject({ kind: 'bad-input' });
    expect(await failureOf(session.imports.receive({ ...meta, totalBytes: 0 }, pieces(), never))).toMatchObject({
      kind: 'bad-input',
    });
    expect(incoming()).toEqual([]);
  });

  test('that is cancelled by the page leaves nothing', async () => {
    const page = new AbortController();
    async function* stuck(): AsyncIterable<Uint8Array> {
      yield Buffer.from('ID\n');
      page.abort();
      yield Buffer.from('1\n');
    }
    expect(await failureOf(session.imports.receive(meta, stuck(), page.signal))).toMatchObject({ kind: 'cancelled' });
    expect(session.imports.list(reportId).map((job) => job.state.kind)).toEqual(['cancelled']);
    expect(incoming()).toEqual([]);
  });

  test('whose sender breaks off says so and leaves nothing', async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from('ID\n');
      throw new Error('the connection was closed');
    }
    await session.imports.receive(meta, broken(), never).catch(() => undefined);
    expect(session.imports.list(reportId)[0]?.state).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('connection was closed') as string,
    });
    expect(incoming()).toEqual([]);
  });

  test('keeps only the last part of a name with a path', async () => {
    const job = await session.imports.receive(
      { ...meta, fileName: '../../etc/pass\u0007wd.csv' },
      pieces('ID\n1\n'),
      never,
    );
    expect(job.fileName).toBe('pass wd.csv');
  });
});

describe('a file of this machine', () => {
  test.each([
    ['a folder', (at: string) => mkdirSync(at), 'is a folder'],
    ['an empty file', (at: string) => writeFileSync(at, ''), 'is empty'],
    ['nothing', () => undefined, 'There is no file'],
  ])('that is %s is refused at once', async (_what, make, words) => {
    const path = join(folder.path, 'chosen');
    make(path);
    expect(await failureOf(session.imports.startPath(reportId, path, population(null)))).toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining(words) as string,
    });
    expect(session.imports.list(reportId)).toEqual([]);
  });

  test('is read in the background and then waits for the server', async () => {
    const path = join(folder.path, 'accounts.csv');
    writeFileSync(path, 'ID\n1\n');
    const { importId } = await session.imports.startPath(reportId, path, population('ID'));
    const waiting = await until(() => {
      const job = session.imports.get(importId);
      return job.state.kind === 'waiting-for-server' && job;
    });
    expect(waiting).toMatchObject({ fileName: 'accounts.csv', fileSize: 5 });
  });

  test('larger than a team may upload is refused with the limit', async () => {
    await core.close();
    open({ solo: false, profile: 'tara', server: saidServer({ kind: 'external', address: '127.0.0.1:1' }) });
    const job = session.imports.receive({ ...meta, totalBytes: 201 * 1024 * 1024 }, pieces('x'), never);
    expect(await failureOf(job)).toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining('200 MB') as string,
    });
  });
});

describe('after a restart', () => {
  test('a received file still waits for its server', async () => {
    const { importId } = await session.imports.receive(meta, pieces('ID\n1\n'), never);
    session.imports.startReceived(importId, reportId, population('ID'));
    await core.close();
    open();
    expect(session.imports.get(importId).state.kind).toBe('waiting-for-server');
    expect(existsSync(join(folder.path, 'incoming', importId))).toBe(true);
  });

  test('a file that was half received says that it has to be chosen again', async () => {
    const { importId } = await session.imports.receive(meta, pieces('ID\n1\n'), never);
    await core.close();
    open();
    const job = await session.imports.settled(importId, 10_000);
    expect(job?.state).toMatchObject({ kind: 'failed', message: expect.stringContaining('again') as string });
    await until(() => incoming().length === 0);
  });
});

describe('received files that nothing waits for', () => {
  const orphan = (): string => join(folder.path, 'incoming', 'left-by-a-crash');

  test('are removed at the start; what waits stays, of profiles that are not opened too', async () => {
    const { importId } = await session.imports.receive(meta, pieces('ID\n1\n'), never);
    session.imports.startReceived(importId, reportId, population('ID'));
    const finished = await session.imports.receive(meta, pieces('ID\n2\n'), never);
    await session.imports.cancel(finished.importId);
    await core.close();
    writeFileSync(orphan(), 'bytes');
    // Left between the row and the file, when it was cancelled.
    writeFileSync(join(folder.path, 'incoming', finished.importId), 'bytes');
    const server = saidServer({ kind: 'external', address: '127.0.0.1:1' });
    core = coreOn(folder.path, { solo: false, profile: 'olga', server });
    expect(incoming()).toEqual([importId]);
  });

  test('stay when an outbox cannot be read, for it may want them', async () => {
    await core.close();
    writeFileSync(orphan(), 'bytes');
    const logged: string[] = [];
    writeFileSync(join(folder.path, 'profiles', 'tara', 'outbox.db'), 'no database '.repeat(500));
    core = coreOn(folder.path, { log: (line) => logged.push(line) });
    expect(incoming()).toEqual(['left-by-a-crash']);
    expect(logged.join('\n')).toContain('not looked through');
  });
});

describe('cancelling', () => {
  test('a waiting import removes its file', async () => {
    const { importId } = await session.imports.receive(meta, pieces('ID\n1\n'), never);
    session.imports.startReceived(importId, reportId, population(null));
    expect((await session.imports.cancel(importId)).state.kind).toBe('cancelled');
    expect((await session.imports.cancel(importId)).state.kind).toBe('cancelled');
    expect(incoming()).toEqual([]);
  });

  test('an import that nobody knows is told', async () => {
    expect(await failureOf(session.imports.cancel('unknown-import'))).toMatchObject({ kind: 'not-found' });
  });

  test('an import that is under way ends its reading', async () => {
    const reading = Promise.withResolvers<string>();
    async function* slow(): AsyncIterable<Uint8Array> {
      yield Buffer.from('ID\n');
      const [job] = session.imports.list(reportId);
      reading.resolve(job?.importId ?? '');
      await new Promise((resolve) => setTimeout(resolve, 20));
      yield Buffer.from('1\n');
    }
    const received = failureOf(session.imports.receive(meta, slow(), never));
    await session.imports.cancel(await reading.promise);
    expect(await received).toMatchObject({ kind: 'cancelled' });
    await until(() => incoming().length === 0);
  });
});
