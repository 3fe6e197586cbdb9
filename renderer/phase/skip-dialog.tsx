// Owns asking why a phase is left out, after saying what that does.
import type { PhaseState } from '../../domain/change.ts';
import { placeName } from '../../domain/phases.ts';
import { bridge } from '../bridge.ts';
import { tellDone } from '../notices.tsx';
import { AskDialog } from '../work/ask-dialog.tsx';
import { skipSentence } from './act-sentences.ts';

type Place = Pick<PhaseState, 'phase' | 'lob'>;

export function SkipDialog({
  reportId,
  place,
  line,
  close,
}: {
  reportId: string;
  place: Place;
  /** Null for a phase of all lines of business. */
  line: PhaseState | null;
  close(): void;
}) {
  const act = async (reason: string) => {
    const result = await bridge().invoke('phase:skip', { reportId, ...place, reason });
    if (!result.ok) return result.error;
    tellDone(`Skipping ${placeName(place)} is kept on this laptop and sent by itself`);
    return null;
  };
  return (
    <AskDialog
      title={`Skip ${placeName(place)}`}
      says={skipSentence(place, line)}
      label="Reason, disclosed in the test report"
      confirm="Skip the phase"
      act={act}
      close={close}
    />
  );
}
