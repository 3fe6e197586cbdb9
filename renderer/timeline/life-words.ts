// Owns how a line of a report's life is said, and which truth it belongs to. Pure.
import { trackingKey } from '../../domain/tracking.ts';
import { proposer } from '../../domain/version.ts';
import type { LifeRow, TimelineRow } from '../../preload/contract.ts';
import { entryText } from '../workflow/tracking-words.ts';

/** What was done by nobody was done by Countersign. */
export function actorWords({ actorId, actorName }: Pick<TimelineRow, 'actorId' | 'actorName'>): string {
  return actorId === proposer ? 'Countersign' : actorName;
}

/** Entries of the ledger by their number, tracked ones by what they are. */
export function keyOfLife(row: LifeRow): string {
  return row.source === 'ledger' ? String(row.entry.sequence) : trackingKey(row.entry);
}

/** Whose line it is; what is tracked is nobody's word. */
export function lifeWho(row: LifeRow): string {
  return row.source === 'ledger' ? actorWords(row.entry) : '';
}

export function lifeText(row: LifeRow, nameOf: (personId: string) => string): string {
  return row.source === 'ledger' ? row.entry.summary : entryText(row.entry, nameOf);
}

/** The two truths, each by its name. */
export const sourceWords: Readonly<Record<LifeRow['source'], string>> = {
  ledger: 'ledger',
  tracked: 'tracked, not signed',
};
