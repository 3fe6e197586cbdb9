// Owns how the workflow's own acts stand in a report's ledger and how a phase is called there. Knows no rule.
import type { PhaseSlug } from '../../domain/phases.ts';
import { proposer } from '../../domain/version.ts';
import type { NewLedgerEntry, Writing } from './writing.ts';

export { placeName as nameOf } from '../../domain/phases.ts';

/** Says which line a key is about; two lines never share it. */
export function keyOf({ phase, lob }: { phase: PhaseSlug; lob: string | null }): string {
  return `${phase}/${lob === null ? '-' : encodeURIComponent(lob)}`;
}

/** Enters what the workflow did by itself: nobody signed it, so it has no device, no operation and no time of a person. */
export function recordByWorkflow(
  writing: Writing,
  entry: Pick<NewLedgerEntry, 'reportId' | 'entryKey' | 'kind' | 'summary' | 'detail'> & { versionId?: string | null },
): Promise<void> {
  return writing.record({
    versionId: null,
    ...entry,
    actorId: proposer,
    deviceId: null,
    operationId: null,
    decidedAt: null,
    receivedAt: writing.at,
  });
}
