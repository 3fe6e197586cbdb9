// Owns giving a signature: the next one of the chain, over exactly the sections that this laptop shows. It is in the outbox when this returns.
// Knows no transport; what stands against it is access.ts.
import { nextMeaning } from '../../../domain/signing.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import { refuseFor, versionOrFail, whyNotSign } from './access.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { Author } from '../outbox/outbox.ts';

/** Queues the signature that this person's role gives. */
export function signReport(
  desk: Desk,
  input: CommandParsed<'report:sign'>,
  author: Author,
): CommandOutput<'report:sign'> {
  const version = versionOrFail(desk, input.versionId);
  refuseFor(whyNotSign(desk, version));
  const { reportId, versionId, number } = version;
  const meaning = nextMeaning(version);
  const { itemsHash } = version.summary;
  if (meaning === null || typeof itemsHash !== 'string') {
    throw new Error(`version ${versionId} has no hash of its sections, or nothing to sign`);
  }
  if (desk.cache.cachedItems(versionId) < version.itemCount) {
    throw failed(
      'not-cached',
      `version ${number} is not whole on this laptop: nobody signs what they cannot see. Sync first`,
    );
  }
  const [operation] = desk.outbox.queue(
    [{ kind: 'report.sign', reportId, versionId, meaning, itemsHash, note: input.note }],
    author,
    desk.now(),
  );
  if (!operation) throw new Error('the outbox queued nothing');
  return { operationId: operation.operationId };
}
