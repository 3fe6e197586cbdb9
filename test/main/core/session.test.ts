// A profile's files put together: what one of them knows when the other was lost, and what is caught up with on connecting.
import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Core } from '../../../main/core/core.ts';
import type { Gateway } from '../../../main/core/sync/gateway.ts';
import { profileFiles } from '../../../main/core/profiles.ts';
import { lastSeenSetting } from '../../../main/core/sync/board.ts';
import { coreOn, temporaryFolder } from './core-world.ts';
import { pageOf } from './desk-builder.ts';

let folder = temporaryFolder();
let core: Core;
beforeEach(() => {
  folder = temporaryFolder();
  core = coreOn(folder.path);
});
afterEach(async () => {
  await core.close();
  folder.remove();
});

async function reopen(meanwhile: () => void = () => undefined): Promise<void> {
  await core.close();
  meanwhile();
  core = coreOn(folder.path);
}
const outboxFile = (): string => profileFiles(folder.path, 'tara').outbox;
const cursors = (): Record<string, number> => core.session('tara').cache.cursors();

/** As after a pull: the server was seen, and its directory was read up to 7. */
function pulled(): void {
  const { cache, outbox } = core.session('tara');
  outbox.setSetting(lastSeenSetting, '2026-11-20T10:00:00.000Z');
  cache.applyPage(pageOf('directory', [], 7));
}

test('a profile goes on reading where it was', async () => {
  pulled();
  await reopen();
  expect(cursors()).toEqual({ directory: 7 });
});

test.each<[string, (file: string) => void]>([
  ['was deleted', (file) => rmSync(file)],
  ['was damaged', (file) => writeFileSync(file, 'this is no database, and was not one for a while\n'.repeat(200))],
])('when the outbox %s, the receipts are read again: they say which numbers were used', async (_how, lose) => {
  pulled();
  await reopen(() => lose(outboxFile()));
  expect(cursors()).toEqual({});
});

test('numbers of reads go on growing when the outbox was deleted', async () => {
  const next = (): number => {
    const { outbox } = core.session('tara');
    return outbox.nextCounter('signed-reads', Date.now());
  };
  const before = next();
  await reopen(() => rmSync(outboxFile()));
  expect(next()).toBeGreaterThan(before);
});

test('an import whose end was pulled before a crash is noticed on the next connection', async () => {
  const session = core.session('tara');
  const reportId = 'report-0001';
  const [operation] = session.outbox.queue(
    [
      {
        kind: 'population.import',
        ...{ reportId, fileHash: 'a'.repeat(64), fileSize: 5, fileName: 'a.csv', keyColumn: 'ID' },
      },
    ],
    session.author,
    '2026-11-20T10:00:00.000Z',
  );
  const operationId = operation?.operationId ?? '';
  const reason = { code: 'role' as const, message: 'only testers may import' };
  const job = { importId: 'import-1', reportId, fileName: 'a.csv', state: { kind: 'queued' as const } };
  session.outbox.imports.save({
    job: { ...job, fileHash: 'a'.repeat(64), fileSize: 5, startedAt: '2026-11-20T10:00:00.000Z' },
    ...{ purpose: { kind: 'population', keyColumn: 'ID' }, localPath: null, operationId },
  });
  session.outbox.refuse([operationId], reason, '2026-11-20T10:00:01.000Z');
  expect(session.imports.get('import-1').state.kind).toBe('queued');
  const stop = new AbortController();
  const running = session.imports.run({} as Gateway, stop.signal);
  const ended = await session.imports.settled('import-1', 10_000);
  stop.abort();
  await running;
  expect(ended?.state).toEqual({ kind: 'failed', message: 'only testers may import' });
});
