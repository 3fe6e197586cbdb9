// Owns the handlers of solo mode's practice cycle: starting it as its people would, and finding its evidence. The data is made elsewhere.
import type { CommandOutput } from '../../../preload/contract.ts';
import type { CommandContext, HandlerGroup } from './context.ts';
import { pathsOf } from '../data-folder.ts';
import { failed } from '../failure.ts';
import { findPracticeEvidence, writePracticeFiles } from '../imports/practice-evidence.ts';
import { practiceColumns, practiceCycle, practiceParts, practiceSeed } from '../imports/practice.ts';

export function practiceHandlers(context: CommandContext): HandlerGroup<'practice:start' | 'practice:evidence'> {
  return {
    'practice:start': () => startPractice(context),
    'practice:evidence': ({ reportId, lob }) =>
      findPracticeEvidence(pathsOf(context.core.dataDir).practice, reportId, lob),
  };
}

/**
 * One click for a newcomer: the manager's profile starts the cycle and the tester's brings a population, each signed with its
 * own key from its own outbox, as six people on six laptops would.
 */
async function startPractice({ core, session }: CommandContext): Promise<CommandOutput<'practice:start'>> {
  if (!core.solo)
    throw failed(
      'refused',
      "Practice cycles exist without a team's server only: here they would stand among real ones.",
    );
  const [manager, tester] = [core.session(practiceParts.manager), core.session(practiceParts.tester)];
  const cycle = practiceCycle(session.now().slice(0, 10));
  const reportId = cycle.reports[0]?.reportId ?? '';
  const file = writePracticeFiles(pathsOf(core.dataDir).practice, reportId, practiceSeed(reportId));
  const purpose = { kind: 'population' as const, keyColumn: practiceColumns.key };
  const { importId } = await tester.imports.startPath(reportId, file, purpose);
  const read = await tester.imports.whenRead(importId);
  if (read.state.kind === 'failed') throw failed('not-saved', read.state.message);
  manager.queue([cycle]);
  return { cycleId: cycle.cycleId, reportId, importId };
}
