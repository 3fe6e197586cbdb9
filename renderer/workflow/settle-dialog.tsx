// Owns asking why a step that failed for good is settled like this, after saying what that does.
import type { Compensation, Settlement } from '../../domain/compensation.ts';
import { placeName } from '../../domain/phases.ts';
import { bridge } from '../bridge.ts';
import { tellDone } from '../notices.tsx';
import { AskDialog } from '../work/ask-dialog.tsx';
import { settleDoing, settleLabels, settleSentence } from './settle-words.ts';

export function SettleDialog({ row, choice, close }: { row: Compensation; choice: Settlement; close(): void }) {
  const { reportId, compensationId } = row;
  const act = async (note: string) => {
    const result = await bridge().invoke('compensation:settle', { reportId, compensationId, choice, note });
    if (!result.ok) return result.error;
    const doing = settleDoing[choice];
    tellDone(`${doing.charAt(0).toUpperCase()}${doing.slice(1)} is kept on this laptop and sent by itself`);
    return null;
  };
  return (
    <AskDialog
      title={`${settleLabels[choice]}: ${placeName(row)}`}
      says={settleSentence(row, choice)}
      label="Note, kept in the ledger"
      confirm={settleLabels[choice]}
      act={act}
      close={close}
    />
  );
}
