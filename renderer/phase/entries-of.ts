// Owns which entries of a report's ledger are about one phase. Pure: takes entries, knows no screen.
import type { PhaseState } from '../../domain/change.ts';
import type { LedgerEntry } from '../../domain/ledger.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Version } from '../../domain/version.ts';

/** Operations that only one phase has do not name it. */
const phaseOfKind: readonly (readonly [prefix: string, phase: PhaseSlug])[] = [
  ['population.', 'planning'],
  ['sample.', 'sample-selection'],
  ['owner.', 'data-owner-id'],
  ['document.', 'request-info'],
  ['evidence.', 'test-execution'],
  ['test.', 'test-execution'],
];

/**
 * The entries that are about a phase of the report (or of one of its lines of business), in the order they came: those that name it,
 * and those about one of its versions. What is said of a phase in all lines of business counts for each.
 * @param versions those of the phase, of this line of business.
 */
export function entriesOf<Entry extends Pick<LedgerEntry, 'kind' | 'versionId' | 'detail'>>(
  entries: readonly Entry[],
  place: Pick<PhaseState, 'phase' | 'lob'>,
  versions: readonly Pick<Version, 'versionId'>[],
): Entry[] {
  const own = new Set(versions.map((version) => version.versionId));
  return entries.filter(({ kind, versionId, detail }) => {
    if (versionId !== null && own.has(versionId)) return true;
    const phase = detail['phase'] ?? phaseOfKind.find(([prefix]) => kind.startsWith(prefix))?.[1];
    if (phase !== place.phase) return false;
    const lob = detail['lob'] ?? null;
    return lob === null || lob === place.lob;
  });
}
