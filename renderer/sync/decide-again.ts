// Owns deciding conflicting entries again. Knows no table.
import type { OutboxEntry } from '../../preload/contract.ts';
import { counted } from '../formats.ts';
import { tellDone } from '../notices.tsx';
import { go } from '../routes.ts';
import { perform } from '../use-command.ts';

/** Drafts conflicting decisions again on the present version and goes there. */
export async function decideAgain(entries: readonly OutboxEntry[]): Promise<void> {
  const done = await perform('outbox:decide-again', { entryIds: entries.map((entry) => entry.entryId) });
  if (!done) return;
  tellDone(
    `${counted(done.itemKeys.length, 'decision')} drafted again; submit the review to send ${done.itemKeys.length === 1 ? 'it' : 'them'}`,
  );
  go({ screen: 'version', versionId: done.versionId });
}
