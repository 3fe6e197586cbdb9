// Owns asking whether a report moves to the newest version of its workflow, after saying what that does and brings.
import { bridge } from '../bridge.ts';
import { tellDone } from '../notices.tsx';
import type { WorkflowRow } from '../../preload/contract.ts';
import { newestVersion } from '../../domain/workflow-version.ts';
import { AskDialog } from '../work/ask-dialog.tsx';
import { GainList } from './gain-list.tsx';
import { moveSentence } from './settle-words.ts';

export function MoveDialog({ row, close }: { row: WorkflowRow; close(): void }) {
  const { reportId, reportName, version, gains } = row;
  const act = async () => {
    const result = await bridge().invoke('workflow:move', { reportId });
    if (!result.ok) return result.error;
    tellDone(`Moving “${reportName}” is kept on this laptop and sent by itself`);
    return null;
  };
  return (
    <AskDialog
      title={`Move ${reportName} to ${newestVersion}`}
      says={moveSentence(reportName, version, newestVersion)}
      label={null}
      confirm={`Move to ${newestVersion}`}
      act={act}
      close={close}
    >
      <GainList gains={gains} />
    </AskDialog>
  );
}
