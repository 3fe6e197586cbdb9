// Fault n of mission.md: who somebody is follows from the key that signed, never from what the operation says.
import { sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signedText } from '../../domain/operation.ts';
import type { OperationBody, SignedOperation } from '../../domain/operation.ts';
import type { Version } from '../../domain/version.ts';
import { readVersion } from '../../worker/store/version-rows.ts';
import { readLedger } from '../../worker/store/writing.ts';
import { approve, boundTo, inReview, openTestStore } from '../builders.ts';
import type { TestStore } from '../builders.ts';

let test: TestStore;
let version: Version;
beforeEach(async () => {
  test = await openTestStore();
  ({ version } = await inReview(test, { items: 1 }));
});
afterEach(() => test.close());

/** What tara, who drew the sample, would have olga say about it. */
async function approval(): Promise<OperationBody> {
  const { reportId, versionId } = version;
  return {
    kind: 'decisions.record',
    reportId,
    versionId,
    decisions: await boundTo(test, versionId, [['1001', approve]]),
  };
}
const signedBy = (who: 'tara' | 'olga', { operation }: SignedOperation): SignedOperation => {
  const text = Buffer.from(signedText('operation', operation));
  return { operation, signature: sign(null, text, test.laptops[who].privateKey).toString('base64url') };
};

describe('n: the user is not whoever the client says', () => {
  const forgeries: [string, () => Promise<SignedOperation>, 'refused' | 'dead-letter'][] = [
    [
      'her own laptop that says it is olga’s person',
      async () => test.laptops.tara.operation(await approval(), { actorId: 'olga' }),
      'refused',
    ],
    [
      'olga’s laptop and person, signed with her own key',
      async () => signedBy('tara', test.laptops.olga.operation(await approval())),
      'dead-letter',
    ],
    [
      'an operation that olga signed, with another body',
      async () => {
        const signed = test.laptops.olga.operation({
          ...(await approval()),
          decisions: [],
        } as unknown as OperationBody);
        return { ...signed, operation: { ...signed.operation, body: await approval() } };
      },
      'dead-letter',
    ],
    [
      'a person beside the signed ones',
      async () => {
        const signed = test.laptops.tara.operation(await approval());
        return { ...signed, actorId: 'olga', userId: 'olga' } as unknown as SignedOperation;
      },
      'refused',
    ],
  ];
  it.each(forgeries)('tara does not decide as olga by %s', async (_name, forge, state) => {
    const forged = await forge();
    const before = await readLedger(test.store, version.reportId);
    const { outcomes } = await test.send([forged], { kind: 'report', id: version.reportId });
    expect(outcomes).toMatchObject([{ state }]);
    expect(await readVersion(test.store.db, version.versionId)).toEqual(version);
    expect(await test.store.db.selectFrom('decisions').selectAll().execute()).toEqual([]);
    // Whatever is on record of it is put down to the person whose key signed, or to nobody.
    const entries = (await readLedger(test.store, version.reportId)).slice(before.length);
    expect(entries.map((entry) => entry.actorId)).toEqual(state === 'refused' ? ['tara'] : []);
    const receipts = await test.store.db.selectFrom('operations').select('actor_id').execute();
    expect(receipts.map((row) => row.actor_id)).not.toContain('olga');
  });

  it('and olga’s own operation is put down to her', async () => {
    const signed = test.laptops.olga.operation(await approval());
    expect((await test.send([signed])).outcomes).toMatchObject([{ state: 'applied' }]);
    const decisions = await test.store.db.selectFrom('decisions').select('actor_id').execute();
    expect(decisions).toEqual([{ actor_id: 'olga' }]);
  });
});
