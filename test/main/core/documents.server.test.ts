// A document from the data owner's laptop to the worker's record: handed over by path, in chunks from another machine, and refused
// where it cannot apply any more. Real server, real worker.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wholeReportLob } from '../../../domain/flow.ts';
import type { OperationBody } from '../../../domain/operation.ts';
import { documentHandlers, documentUploads } from '../../../main/core/commands/documents.ts';
import type { Core } from '../../../main/core/core.ts';
import { practiceAccounts, practiceCsv } from '../../../main/core/imports/practice.ts';
import type { Session } from '../../../main/core/session.ts';
import { commands } from '../../../preload/contract.ts';
import type { CommandInput } from '../../../preload/contract.ts';
import { coreOn, saidServer, temporaryFolder, until } from './core-world.ts';
import { cycleOfSamples } from './cycles.ts';
import { startServerWorld } from './server-world.ts';
import type { ServerWorld } from './server-world.ts';

let world: ServerWorld;
/** The data owner's laptop, whose folder the worker takes files from. */
let core: Core;
let dana: Session;
let tara: Session;
let reportId: string;
const ends: (() => Promise<void> | void)[] = [];
const lob = wholeReportLob;
const phase = 'request-info';

/** One person's laptop; from a folder of its own nothing is handed over by path. */
function laptop(profile: string, dataDir?: string): Core {
  const folder = dataDir === undefined ? temporaryFolder() : { path: dataDir, remove: () => undefined };
  const server = saidServer({ kind: 'ready', address: world.address });
  const made = coreOn(folder.path, { profile, timing: { maxDelayMs: 1_000 }, server });
  ends.unshift(() => made.close().finally(folder.remove));
  return made;
}
async function delivered(session: Session, bodies: OperationBody[]): Promise<void> {
  const ids = session.queue(bodies);
  await until(() => ids.every((id) => session.outbox.tables.operations.get(id)?.state === 'applied'));
}
const handlersOn = (of: Core) => documentHandlers({ core: of, session: of.session('dana') });
const submit = (of: Core, input: Partial<CommandInput<'document:submit'>>) => {
  const asked = { reportId, lob, title: 'Extract', effectiveDate: '2026-06-30', waitMs: 30_000, ...input };
  return handlersOn(of)['document:submit'](commands['document:submit'].input.parse(asked));
};
const uploads = () => documentUploads({ core, session: dana }, { reportId, lob });
const record = (session: Session, documentId: string) => session.cache.record({ reportId, phase, lob }, documentId);

beforeAll(async () => {
  world = await startServerWorld();
  ends.push(() => world.close());
  core = laptop('dana', world.dataDir);
  dana = core.session('dana');
  tara = laptop('tara').session('tara');
  const [mara, olga] = [laptop('mara').session('mara'), laptop('olga').session('olga')];
  const cycle = cycleOfSamples('2026-11-25');
  reportId = cycle.reports[0]?.reportId ?? '';
  const [first] = cycle.reports;
  if (!first) throw new Error('the cycle has no report');
  const skips = [...first.skips, { phase: 'data-owner-id' as const, reason: 'this test is about documents' }];
  mara.queue([{ ...cycle, reports: [{ ...first, skips }] }]);
  await until(() => tara.cache.report(reportId));

  const file = join(world.dataDir, 'accounts.csv');
  writeFileSync(file, practiceCsv(practiceAccounts(7)));
  const { importId } = await tara.imports.startPath(reportId, file, { kind: 'population', keyColumn: 'ID' });
  expect((await tara.imports.settled(importId, 60_000))?.state.kind).toBe('ready');
  const lineOf = (of: Session, slug: string) => of.cache.report(reportId)?.phases.find((row) => row.phase === slug);
  await until(() => lineOf(tara, 'sample-selection')?.state === 'in-work');
  const planId = randomUUID();
  const request = {
    ...{ populationHash: tara.cache.populations(reportId)[0]?.populationHash ?? '', keyColumn: 'ID' },
    ...{ lobColumn: null, lob: null, risk: 0.05, tolerable: 0.05, expected: 0, sampleSize: null },
    ...{ seed: '7', seedOrigin: 'given' as const },
  };
  await delivered(tara, [{ kind: 'sample.plan', reportId, planId, request }]);
  await delivered(tara, [{ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted: [] }]);
  const version = await until(() => olga.cache.versions(reportId).find((row) => row.phase === 'sample-selection'));
  const { versionId } = version;
  const rows = await until(() => {
    const items = olga.cache.db
      .prepare<[string], { itemKey: string; contentHash: string }>(
        `SELECT i.item_key AS itemKey, lower(hex(b.content_hash)) AS contentHash FROM items i
         JOIN versions v ON v.version_row = i.version_row JOIN bodies b ON b.body_row = i.body_row WHERE v.version_id = ?`,
      )
      .all(versionId);
    return items.length === version.itemCount && items;
  });
  const approved = { verdict: 'approved' as const, reasonCode: null, note: '' };
  const decisions = rows.map((row) => ({ ...row, seenVerdict: 'pending' as const, decision: approved }));
  const seen = { approved: rows.length, rejected: 0, pending: 0 };
  await delivered(olga, [
    { kind: 'decisions.record', reportId, versionId, decisions },
    { kind: 'review.submit', reportId, versionId, verdict: 'approved', note: '', seen },
  ]);
  await until(() => lineOf(dana, phase)?.state === 'in-work');
});
afterAll(async () => {
  for (const end of ends) await end();
});

test('a data owner hands a file over, it is rejected, and another one follows under the same document', async () => {
  const path = join(world.dataDir, 'extract.csv');
  writeFileSync(path, 'ID,BALANCE\n10001,5\n');
  const { documentId, upload } = await submit(core, { source: { kind: 'path', path } });
  expect(upload).toBeNull();
  const first = await until(() => record(tara, documentId));
  expect(first).toMatchObject({
    ...{ revision: 1, actorId: 'dana' },
    body: { title: 'Extract', fileName: 'extract.csv', fileSize: 19, state: 'submitted', submission: 1 },
  });
  expect(uploads()).toEqual([]);

  const review = { reportId, lob, documentId, seenRevision: 1, verdict: 'rejected' as const, reason: 'half of it' };
  await delivered(tara, [{ kind: 'document.review', ...review }]);
  await until(() => record(dana, documentId)?.revision === 2);
  writeFileSync(path, 'ID,BALANCE\n10001,5\n10002,6\n');
  expect(await submit(core, { documentId, source: { kind: 'path', path } })).toEqual({
    documentId,
    upload: null,
  });
  const third = await until(() => record(tara, documentId)?.revision === 3 && record(tara, documentId));
  expect(third).toMatchObject({ body: { state: 'submitted', submission: 2, fileSize: 27 } });
});

test('from another machine the bytes go up in chunks, and the record names their hash', async () => {
  const elsewhere = laptop('dana');
  const there = elsewhere.session('dana');
  await until(() => there.cache.report(reportId)?.phases.some((row) => row.phase === phase && row.state === 'in-work'));
  const path = join(world.dataDir, 'large.csv');
  writeFileSync(
    path,
    `ID,TEXT\n${Array.from({ length: 40_000 }, (_, row) => `${row},${'x'.repeat(50)}`).join('\n')}\n`,
  );
  const { documentId, upload } = await submit(elsewhere, { source: { kind: 'path', path } });
  expect(upload).toBeNull();
  const body = (await until(() => record(there, documentId))).body;
  expect(body['fileSize']).toBeGreaterThan(2 * 1024 * 1024);
});

test('what the worker refuses stays on the list with its reason, and can be taken back', async () => {
  const path = join(world.dataDir, 'late.csv');
  writeFileSync(path, 'ID,BALANCE\n10003,5\n');
  const { documentId } = await submit(core, { source: { kind: 'path', path } });
  await until(() => record(tara, documentId) && record(dana, documentId));
  // Accepted while the data owner is offline with a better file: that laptop could not know.
  await core.setWorkOffline(dana, true);
  const review = { reportId, lob, documentId, seenRevision: 1, verdict: 'accepted' as const, reason: '' };
  await delivered(tara, [{ kind: 'document.review', ...review }]);
  const again = await submit(core, { documentId, source: { kind: 'path', path }, waitMs: 0 });
  expect(again.upload).toMatchObject({ kind: 'waiting-for-server' });
  await core.setWorkOffline(dana, false);
  const failed = await until(() => uploads().find((row) => row.state.kind === 'failed'));
  expect(failed).toMatchObject({
    documentId,
    state: { message: expect.stringMatching(/revision|accepted/u) as string },
  });
  await handlersOn(core)['document:cancel']({ reportId, lob, documentId });
  expect(uploads()).toEqual([]);
});
