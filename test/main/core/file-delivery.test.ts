// Documents on their way: the same machinery as populations brings them to the worker, and then `document.submit` is queued. The
// worker is played by a gateway that takes every file; server tests do it with the real one.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Receipt } from '../../../domain/operation.ts';
import type { Core } from '../../../main/core/core.ts';
import type { FilePurpose } from '../../../main/core/outbox/outbox.ts';
import type { Session } from '../../../main/core/session.ts';
import type { Gateway } from '../../../main/core/sync/gateway.ts';
import { coreOn, temporaryFolder, until } from './core-world.ts';
import { reportId, reportPage, runningReport } from './running-report.ts';

let folder = temporaryFolder();
let core: Core;
let session: Session;
const stop = new AbortController();

function open(): void {
  core = coreOn(folder.path);
  session = core.session('dana');
}
beforeEach(() => {
  folder = temporaryFolder();
  open();
});
afterEach(async () => {
  await core.close();
  folder.remove();
});

const never = new AbortController().signal;
async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
const purpose: FilePurpose = {
  ...{ kind: 'document', lob: 'North', documentId: 'document-0001', title: 'Ledger of June' },
  ...{ effectiveDate: '2026-06-30', seenRevision: 0, note: '' },
};
const incoming = (): string[] => readdirSync(join(folder.path, 'incoming'));

/** A received file that was said to be a document. */
async function handedIn(): Promise<string> {
  const meta = { fileName: 'ledger.csv', totalBytes: null, reportId };
  const { importId } = await session.imports.receive(meta, pieces('ID\n1\n'), never);
  session.imports.startReceived(importId, reportId, purpose);
  return importId;
}
/** A worker that has every file, and what it was given. */
function takingGateway(): { gateway: Gateway; given: string[] } {
  const given: string[] = [];
  const upload: Gateway['upload'] = (signed) => {
    given.push(signed.request.part.kind);
    return Promise.resolve({
      ok: true,
      value: { kind: 'received', receivedBytes: signed.request.fileSize, complete: true },
    });
  };
  return { gateway: { upload } as Gateway, given };
}
async function whileConnected(gateway: Gateway, done: () => boolean | undefined): Promise<void> {
  const link = new AbortController();
  const running = session.imports.run(gateway, AbortSignal.any([link.signal, stop.signal]));
  await until(done);
  link.abort();
  await running;
}
const operations = () =>
  session.outbox.nextBatches({ limit: 10 }).flatMap(({ operations: batch }) => batch.map(({ operation }) => operation));

function receipt(state: Receipt['state'], message?: string): Receipt {
  const [operation] = operations();
  if (!operation) throw new Error('nothing is queued');
  const { operationId, actorId, deviceId, sequence, decidedAt } = operation;
  const reason = message === undefined ? null : { code: 'out-of-turn' as const, message };
  const times = { receivedAt: decidedAt, appliedAt: decidedAt };
  return { operationId, kind: 'document.submit', actorId, deviceId, sequence, state, reason, items: [], ...times };
}

describe('a document', () => {
  test('is shown as one, waiting for what is in the way, and is no import of a population', async () => {
    const importId = await handedIn();
    expect(session.imports.documents(reportId, 'North')).toMatchObject([
      {
        importId,
        documentId: 'document-0001',
        fileName: 'ledger.csv',
        fileSize: 5,
        state: { kind: 'waiting-for-server' },
      },
    ]);
    expect(session.imports.documents(reportId, 'South')).toEqual([]);
    expect(session.imports.list(reportId)).toEqual([]);
    await core.close();
    open();
    expect(session.imports.documents(reportId, 'North')).toMatchObject([{ importId, title: 'Ledger of June' }]);
  });

  test('is brought to the worker by itself, and then its operation is queued with the hash of its bytes', async () => {
    const importId = await handedIn();
    const { fileHash } = session.imports.get(importId);
    const { gateway, given } = takingGateway();
    session.cache.applyPage(reportPage([{ kind: 'report', report: runningReport() }]));
    await whileConnected(gateway, () => session.imports.documents(reportId, 'North')[0]?.state.kind === 'queued');
    expect(given).toEqual(['path']);
    expect(operations().map(({ body }) => body)).toEqual([
      {
        ...{ kind: 'document.submit', reportId, lob: 'North', documentId: 'document-0001', title: 'Ledger of June' },
        ...{ fileName: 'ledger.csv', fileHash, fileSize: 5, effectiveDate: '2026-06-30', seenRevision: 0, note: '' },
      },
    ]);
    await expect(session.imports.cancel(importId)).rejects.toThrow(/with the server already.*A tester can reject it/u);
  });

  test('waits while the server does not know the report', async () => {
    await handedIn();
    const link = new AbortController();
    const running = session.imports.run(takingGateway().gateway, link.signal);
    expect(session.imports.documents(reportId, 'North')[0]?.state).toEqual({
      kind: 'waiting-for-server',
      reason: 'The server does not know the report yet',
    });
    expect(operations()).toEqual([]);
    link.abort();
    await running;
  });

  test('is left to the feed once its receipt is here, and its bytes are removed', async () => {
    const importId = await handedIn();
    session.cache.applyPage(reportPage([{ kind: 'report', report: runningReport() }]));
    const settled = session.imports.settled(importId, 10_000);
    await whileConnected(takingGateway().gateway, () => operations().length === 1);
    session.outbox.applyReceipts([receipt('applied')]);
    session.imports.follow();
    expect(await settled).toBeNull();
    expect(session.imports.documents(reportId, 'North')).toEqual([]);
    await until(() => incoming().length === 0);
    expect(session.imports.unfinished()).toBe(false);
  });

  test('that the worker refuses stays with its reason', async () => {
    const importId = await handedIn();
    session.cache.applyPage(reportPage([{ kind: 'report', report: runningReport() }]));
    await whileConnected(takingGateway().gateway, () => operations().length === 1);
    session.outbox.applyReceipts([receipt('refused', 'no documents are asked for in North')]);
    session.imports.follow();
    const failed = await session.imports.settled(importId, 10_000);
    expect(failed?.state).toEqual({ kind: 'failed', message: 'no documents are asked for in North' });
    expect(session.imports.documents(reportId, 'North')).toMatchObject([{ documentId: 'document-0001' }]);
    await until(() => incoming().length === 0);
  });

  test('that is cancelled is not shown any more and leaves nothing', async () => {
    const importId = await handedIn();
    await session.imports.cancel(importId);
    expect(session.imports.documents(reportId, 'North')).toEqual([]);
    expect(existsSync(join(folder.path, 'incoming', importId))).toBe(false);
  });
});
