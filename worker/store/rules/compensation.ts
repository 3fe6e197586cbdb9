// Owns what `compensation.settle` and `workflow.move` do: a test manager settles what failed for good, or has a report go on as a newer
// version of its workflow. What each choice means is store/compensations.ts; when the report moves is its workflow's.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import { whyNotSettle } from '../../../domain/compensation.ts';
import type { Settlement } from '../../../domain/compensation.ts';
import { placeName } from '../../../domain/phases.ts';
import { gainsOf, unrecordedVersion, whyNotMove } from '../../../domain/workflow-version.ts';
import { readCompensation, settleCompensation } from '../compensations.ts';
import { emitReport } from '../reports.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';
import { wakes } from './wake.ts';

const choiceWords: Readonly<Record<Settlement, string>> = {
  'try-again': 'had the step that failed done again',
  withdraw: 'took back what could not be carried out',
  'by-hand': 'went on by hand after a step that failed',
};

export async function settle(subject: Case, body: BodyOfKind<'compensation.settle'>, report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, compensationId, choice, note } = body;
  const reason = whyNot({ kind: 'settle-compensation' }, actor, report.assignments);
  if (reason) return refuse(reason);
  const compensation = await readCompensation(writing.trx, compensationId);
  if (compensation?.reportId !== reportId) {
    return refuse({ code: 'not-found', message: `this report has no compensation ${compensationId}` });
  }
  const unfit = whyNotSettle(compensation, choice);
  if (unfit !== null) return refuse({ code: 'out-of-turn', message: unfit });
  await settleCompensation(writing, compensation, { choice, by: actor.personId, note });
  const { phase, lob, strategy } = compensation;
  return applied({
    summary: `${choiceWords[choice]} in ${placeName(compensation)}: ${note.slice(0, 500)}`,
    detail: { compensationId, phase, lob, strategy, choice, note },
    followUps: wakes(report, [lob]),
  });
}

/** Puts down what the report is to go on as; its workflow moves at its next safe point. */
export async function moveWorkflow(subject: Case, body: BodyOfKind<'workflow.move'>, report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, to } = body;
  const from = report.workflowVersion ?? unrecordedVersion;
  const reason = whyNot({ kind: 'move-workflow' }, actor, report.assignments);
  if (reason) return refuse(reason);
  const unfit = whyNotMove(from, to);
  if (unfit !== null) return refuse({ code: 'out-of-turn', message: unfit });
  await writing.trx
    .updateTable('reports')
    .set({ moves_to: to, moves_by: actor.personId })
    .where('report_id', '=', reportId)
    .execute();
  await emitReport(writing, reportId);
  return applied({
    summary: `asked for the workflow to move from ${from} to ${to}`,
    detail: { from, to, gains: gainsOf(from, to) },
    followUps: [{ kind: 'wake', reportId, lob: null }],
  });
}
