// Owns what the tests of evidence and of reports begin with: documents handed in for real, and lanes brought to their testing.
// Files lie in a real content store; populations are opened for their reader alone.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationBody, Receipt } from '../../../domain/operation.ts';
import { openContents } from '../../../worker/content/content-store.ts';
import type { MakingDeps } from '../../../worker/making/making.ts';
import { openPopulationStore } from '../../../worker/population/population-store.ts';
import { advance, carryOut, openTestStore } from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';

/** A store with the files beside it. */
export interface MakingWorld {
  test: TestStore;
  deps: MakingDeps;
  /** Puts a file where an upload would have put it. */
  upload(content: string | Buffer): { fileHash: string; fileSize: number };
  /** Sends an operation that has to be applied, and carries out what needs no population. */
  act(by: TestPerson, body: OperationBody): Promise<Receipt>;
  close(): Promise<void>;
}

/** None of these makers asks for rows. */
const noRecommender: MakingDeps['recommender'] = {
  recommend: () => Promise.reject(new Error('nobody asks for recommended rows here')),
};

export async function openMakingWorld(): Promise<MakingWorld> {
  const sizes = new Map<string, number>();
  const test = await openTestStore({ sizeOfFile: (hash) => Promise.resolve(sizes.get(hash) ?? null), mailsOut: false });
  const { store, clock } = test;
  const dataDir = join(test.dir, 'contents');
  mkdirSync(dataDir);
  const contents = openContents({ store, dataDir });
  const populations = await openPopulationStore({ dir: join(test.dir, 'populations') });
  return {
    test,
    deps: { store, populations, contents, recommender: noRecommender, clock, log: () => {} },
    upload(content) {
      const fileHash = createHash('sha256').update(content).digest('hex');
      const fileSize = Buffer.byteLength(content);
      writeFileSync(join(dataDir, fileHash), content);
      sizes.set(fileHash, fileSize);
      return { fileHash, fileSize };
    },
    async act(by, body) {
      const operation = test.laptops[by].operation(body);
      const answer = await test.send([operation]);
      const receipt = await test.receipt(operation.operation.operationId);
      if (receipt.state !== 'applied') throw new Error(`${body.kind}: ${receipt.reason?.message ?? 'no reason'}`);
      await carryOut(test, answer.followUps);
      return receipt;
    },
    async close() {
      await populations.close();
      await test.close();
    },
  };
}

/** Hands a file in as the document of a lane, accepts it and completes the phase: testing is open then. The revision is 2. */
export async function withDocument(
  world: MakingWorld,
  reportId: string,
  lob: string,
  content: string | Buffer,
): Promise<{ documentId: string; revision: number; fileHash: string }> {
  const documentId = `document-of-${lob.replaceAll(/\W/gu, '-')}`;
  const file = world.upload(content);
  await world.act('dana', {
    ...{ kind: 'document.submit', reportId, lob, documentId, title: 'Extract', fileName: 'extract.csv', ...file },
    ...{ effectiveDate: '2026-09-30', seenRevision: 0, note: '' },
  });
  await world.act('tara', {
    ...{ kind: 'document.review', reportId, lob, documentId, seenRevision: 1, verdict: 'accepted', reason: '' },
  });
  await world.act('tara', {
    kind: 'phase.complete',
    reportId,
    phase: 'request-info',
    lob,
    withoutSamples: [],
    note: '',
  });
  await advance(world.test, reportId);
  return { documentId, revision: 2, fileHash: file.fileHash };
}
