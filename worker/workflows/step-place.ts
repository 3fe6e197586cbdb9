// Owns which phase and line of business an activity works on, read from its name and arguments. Pure.
import { proposingActivity } from '../../domain/activity.ts';
import type { PhaseSlug } from '../../domain/phases.ts';

/** Activities of one phase whose arguments do not name it. */
const phaseByActivity: Readonly<Record<string, PhaseSlug>> = {
  ...Object.fromEntries(Object.entries(proposingActivity).map(([phase, activity]) => [activity, phase as PhaseSlug])),
  createSampleSelectionVersion: 'sample-selection',
  createSampleRevision: 'sample-selection',
  readEvidence: 'test-execution',
};

/** Where a step stands; `lob` is the lane of the workflow that asks for it. A step of no phase (an import, mails) has none. */
export function placeOfStep(
  activity: string,
  [about]: readonly unknown[],
  lob: string | null,
): { phase: PhaseSlug | null; lob: string | null } {
  const named =
    typeof about === 'object' && about !== null ? (about as { phase?: PhaseSlug; lob?: string | null }) : {};
  return { phase: named.phase ?? phaseByActivity[activity] ?? null, lob: named.lob ?? lob };
}
