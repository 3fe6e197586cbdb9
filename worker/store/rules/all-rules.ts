// Owns which rule applies which kind of operation. A kind without a rule does not compile.
import type { OperationBody, OperationKind } from '../../../domain/operation.ts';
import { readReport } from '../reports.ts';
import { setAssignment } from './assignment.ts';
import { moveWorkflow, settle } from './compensation.ts';
import { completePhase } from './completion.ts';
import { controlCycle, controlLob, controlReport } from './control.ts';
import { setDeadline, setLobs, skipPhaseRule } from './course.ts';
import { startCycle } from './cycle.ts';
import { recordDecisions } from './decisions.ts';
import { approveDevice, revokeDevice } from './device.ts';
import { reviewDocument, submitDocument } from './documents.ts';
import { submitVersion } from './hand-in.ts';
import { assignOwners } from './owners.ts';
import { importPopulation } from './population.ts';
import { submitReview } from './review.ts';
import { submitRevision } from './revision.ts';
import { refuse } from './rule.ts';
import type { BodyOfKind, Case, ReportRule, Rule, Ruling } from './rule.ts';
import { drawSample, planTheSample } from './sample.ts';
import { signReport } from './signing.ts';
import { readEvidence, recordTests, updateTests } from './test-actions.ts';

type Rules = { [Kind in OperationKind]: Rule<Kind> };

function inReport<Kind extends ReportKind>(rule: ReportRule<Kind>): Rule<Kind> {
  return async (subject, body) => {
    const { reportId } = body as { reportId: string };
    const report = await readReport(subject.writing.trx, reportId);
    return report
      ? rule(subject, body, report)
      : refuse({ code: 'not-found', message: `no report ${reportId} exists` });
  };
}
type ReportKind = Extract<OperationBody, { reportId: string }>['kind'];

const rules: Rules = {
  'cycle.start': startCycle,
  'cycle.control': controlCycle,
  'report.control': inReport(controlReport),
  'lob.control': inReport(controlLob),
  'lobs.set': inReport(setLobs),
  'phase.skip': inReport(skipPhaseRule),
  'compensation.settle': inReport(settle),
  'workflow.move': inReport(moveWorkflow),
  'deadline.set': inReport(setDeadline),
  'assignment.set': inReport(setAssignment),
  'device.approve': approveDevice,
  'device.revoke': revokeDevice,
  'population.import': inReport(importPopulation),
  'sample.plan': inReport(planTheSample),
  'sample.draw': inReport(drawSample),
  'decisions.record': inReport(recordDecisions),
  'review.submit': inReport(submitReview),
  'revision.submit': inReport(submitRevision),
  'version.submit': inReport(submitVersion),
  'phase.complete': inReport(completePhase),
  'owner.assign': inReport(assignOwners),
  'document.submit': inReport(submitDocument),
  'document.review': inReport(reviewDocument),
  'test.record': inReport(recordTests),
  'test.update': inReport(updateTests),
  'evidence.read': inReport(readEvidence),
  'report.sign': inReport(signReport),
};

/** Applies the rule of the operation's kind. */
export function ruleOn<Kind extends OperationKind>(subject: Case, body: BodyOfKind<Kind>): Promise<Ruling> {
  const rule = rules[body.kind] as Rule<Kind>;
  return rule(subject, body);
}
