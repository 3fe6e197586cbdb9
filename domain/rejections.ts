// Owns what became of the samples that a report owner rejected: the report shows each one. Pure; knows no storage.
import type { Decision } from './decision.ts';
import type { ItemOrigin, Version } from './version.ts';

/** A version of a sample with the decisions that count on its items. */
export interface DecidedSample {
  version: Pick<Version, 'versionId' | 'lob' | 'number' | 'parentVersionId'>;
  items: readonly {
    itemKey: string;
    origin: ItemOrigin;
    decision: Pick<Decision, 'verdict' | 'reasonCode' | 'note' | 'actorId' | 'decidedAt'> | null;
  }[];
}

/** What came of a rejection. */
export type RejectionOutcome =
  | { kind: 'replaced'; by: string }
  | { kind: 'kept'; rationale: string }
  /** The sample was drawn anew, or rejected whole, before the rejection was answered. */
  | { kind: 'drawn-anew' }
  | { kind: 'unanswered' };

/** One rejection of one sample. A sample that was kept and rejected again stands here twice. */
export interface RejectedSample {
  lob: string | null;
  versionNumber: number;
  itemKey: string;
  reasonCode: Decision['reasonCode'];
  note: string;
  by: string;
  at: string;
  outcome: RejectionOutcome;
}

/**
 * Every rejection in the versions of a report's samples, in their order, with its answer in the version that followed.
 * @param versions all versions of all lines; those of one line oldest first.
 */
export function rejectedSamples(versions: readonly DecidedSample[]): RejectedSample[] {
  return versions.flatMap(({ version, items }) => {
    const next = versions.find((entry) => entry.version.parentVersionId === version.versionId);
    const isLast = !versions.some(
      (entry) => entry.version.lob === version.lob && entry.version.number > version.number,
    );
    // A row that came along approved may be rejected all the same; a rejection never comes along.
    return items.flatMap(({ itemKey, decision }): RejectedSample[] => {
      if (decision?.verdict !== 'rejected') return [];
      return [
        {
          lob: version.lob,
          versionNumber: version.number,
          itemKey,
          ...{ reasonCode: decision.reasonCode, note: decision.note, by: decision.actorId, at: decision.decidedAt },
          outcome: (next && answerIn(next, itemKey)) ?? { kind: isLast ? 'unanswered' : 'drawn-anew' },
        },
      ];
    });
  });
}

function answerIn({ items }: DecidedSample, itemKey: string): RejectionOutcome | null {
  for (const item of items) {
    const { origin } = item;
    if (origin.kind === 'replacement' && origin.replacesKey === itemKey) return { kind: 'replaced', by: item.itemKey };
    if (origin.kind === 'kept' && origin.itemKey === itemKey) return { kind: 'kept', rationale: origin.rationale };
  }
  return null;
}
