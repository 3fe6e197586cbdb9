// Handing documents in from the laptop: new ones, another file after a rejection, taking back; what would be refused is said beforehand.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditRecord, DocumentBody } from '../../../domain/audit-record.ts';
import { openApplication } from '../../../main/core/application.ts';
import type { Application } from '../../../main/core/application.ts';
import { documentUploads } from '../../../main/core/commands/documents.ts';
import type { Core } from '../../../main/core/core.ts';
import type { CommandInput, CommandOutput, Failure } from '../../../preload/contract.ts';
import { coreOn, coreOptions, temporaryFolder, until } from './core-world.ts';
import { documentRecord, reportId, reportPage, runningReport } from './running-report.ts';

let folder = temporaryFolder();
let application: Application;
const documentId = 'document-0001';

const record = (revision: number, state: DocumentBody['state']) => documentRecord(documentId, revision, state);

/** The application on a laptop on which both have pulled the report. */
async function open(records: AuditRecord[] = []): Promise<void> {
  const core = coreOn(folder.path);
  for (const name of ['dana', 'tara', 'olga']) {
    core
      .session(name)
      .cache.applyPage(
        reportPage([
          { kind: 'report', report: runningReport() },
          ...records.map((row) => ({ kind: 'records' as const, records: [row] })),
        ]),
      );
  }
  await core.close();
  application = await openApplication(coreOptions(folder.path));
}
beforeEach(() => {
  folder = temporaryFolder();
  writeFileSync(join(folder.path, 'ledger.csv'), 'ID\n1\n');
});
afterEach(async () => {
  await application.close();
  folder.remove();
});

const input = (more: Partial<CommandInput<'document:submit'>> = {}): CommandInput<'document:submit'> => ({
  ...{ reportId, lob: 'North', title: 'Ledger of June', effectiveDate: '2026-06-30' },
  source: { kind: 'path', path: join(folder.path, 'ledger.csv') },
  ...more,
});
async function submit(more: Partial<CommandInput<'document:submit'>> = {}): Promise<CommandOutput<'document:submit'>> {
  const result = await application.invoke('document:submit', input(more), { profile: 'dana' });
  if (!result.ok) throw new Error(result.error.message);
  return result.value as CommandOutput<'document:submit'>;
}
async function refusalOf(name: string, asked: object, profile = 'dana'): Promise<Failure> {
  const result = await application.invoke(name, asked, { profile });
  if (result.ok) throw new Error(`${name} was done`);
  return result.error;
}
const cancel = (id: string, profile = 'dana') =>
  application.invoke('document:cancel', { reportId, lob: 'North', documentId: id }, { profile });
const incoming = (): string[] => readdirSync(join(folder.path, 'incoming'));

/** What lists are told, as the identity that asks sees it. */
async function uploads(profile: string) {
  await application.close();
  const core: Core = coreOn(folder.path);
  const seen = documentUploads({ core, session: core.session(profile) }, { reportId, lob: 'North' });
  await core.close();
  application = await openApplication(coreOptions(folder.path));
  return seen;
}

describe('a new document', () => {
  test('is kept here when the answer comes, and waits for the server with its reason', async () => {
    await open();
    const { documentId: made, upload } = await submit({ note: 'as asked' });
    expect(upload).toMatchObject({ kind: 'waiting-for-server' });
    expect(incoming()).toHaveLength(1);
    expect(await uploads('dana')).toMatchObject([
      {
        documentId: made,
        title: 'Ledger of June',
        seenRevision: 0,
        note: 'as asked',
        fileName: 'ledger.csv',
        fileSize: 5,
      },
    ]);
  });

  test('is shown to the other identities of this machine too', async () => {
    await open();
    const { documentId: made } = await submit();
    expect((await uploads('tara')).map((row) => row.documentId)).toEqual([made]);
  });

  test('answers when the time is over, for a script that waits', async () => {
    await open();
    expect((await submit({ waitMs: 50 })).upload).toMatchObject({ kind: 'waiting-for-server' });
  });

  test('is taken back with its bytes, once', async () => {
    await open();
    const { documentId: made } = await submit();
    expect(await cancel(made)).toEqual({ ok: true, value: { documentId: made } });
    expect(await uploads('dana')).toEqual([]);
    await until(() => incoming().length === 0);
    expect(await cancel(made)).toMatchObject({ ok: false, error: { kind: 'not-found' } });
  });

  test.each([
    ['whoever has no such role', {}, 'olga', { kind: 'refused', details: 'role' }],
    ['a line of business that is paused', { lob: 'South' }, 'dana', { kind: 'refused', details: 'paused' }],
    ['a line of business that is not there', { lob: 'East' }, 'dana', { kind: 'refused', details: 'not-found' }],
    ['a document nobody handed in', { documentId: 'document-9999' }, 'dana', { kind: 'not-found' }],
    ['a day that is none', { effectiveDate: '2026-06-31' }, 'dana', { kind: 'bad-input' }],
  ])('is refused beforehand to %s, and nothing is kept', async (_, more, profile, failure) => {
    await open();
    expect(await refusalOf('document:submit', input(more), profile)).toMatchObject(failure);
    expect(incoming()).toEqual([]);
  });

  test('from a file that is not there names the path', async () => {
    await open();
    const path = join(folder.path, 'nowhere.csv');
    const failure = await refusalOf('document:submit', input({ source: { kind: 'path', path } }));
    expect(failure).toMatchObject({ kind: 'bad-input', fields: [{ path: 'source.path' }] });
    expect(existsSync(path)).toBe(false);
  });
});

describe('another file for a document', () => {
  test('that was rejected is bound to the rejection that the person saw', async () => {
    await open([record(1, 'submitted'), record(2, 'rejected')]);
    expect(await submit({ documentId })).toMatchObject({ documentId });
    expect(await uploads('dana')).toMatchObject([{ documentId, seenRevision: 2 }]);
  });

  test('that was accepted is refused', async () => {
    await open([record(1, 'submitted'), record(2, 'accepted')]);
    const failure = await refusalOf('document:submit', input({ documentId }));
    expect(failure.message).toContain('was accepted and tests may rest on it');
  });

  test('is refused while one is on its way, whichever identity handed that in', async () => {
    await open([record(1, 'rejected')]);
    await submit({ documentId });
    expect((await refusalOf('document:submit', input({ documentId }))).message).toContain('on its way already');
    expect((await refusalOf('document:submit', input({ documentId }), 'tara')).message).toContain('on its way already');
  });
});
