// Owns the four eyes over a chain of versions: nobody decides on what they planned, drew, wrote or revised themselves, and nobody
// who tested decides on the report about it. What the workflow proposed is nobody's.
import { whyNot } from '../../../domain/authority.ts';
import type { Act } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { Role } from '../../../domain/people.ts';
import { isAboutTests, phaseOf } from '../../../domain/phases.ts';
import { readTesters } from '../records.ts';
import { chainAuthors } from '../reports.ts';
import type { Schema } from '../schema.ts';
import type { Case } from './rule.ts';

/** Why the actor may not review this version, by role or by four eyes; null when they may. */
export function whyNotReviewer(subject: Case, version: Schema['versions'], report: Report): Promise<Reason | null> {
  const { phase, number, author_id: authorId } = version;
  return whyNotJudge(subject, { kind: 'review', version: { phase, number, authorId } }, version, report);
}

/** The same for a signature in one role. */
export function whyNotSigner(
  subject: Case,
  role: Role,
  version: Schema['versions'],
  report: Report,
): Promise<Reason | null> {
  const { number, author_id: authorId } = version;
  return whyNotJudge(subject, { kind: 'sign', role, version: { number, authorId } }, version, report);
}

async function whyNotJudge(
  subject: Case,
  act: Act,
  version: Schema['versions'],
  report: Report,
): Promise<Reason | null> {
  return (
    whyNot(act, subject.actor, report.assignments) ??
    (await whyPlanned(subject, version)) ??
    (await whyInChain(subject, version)) ??
    (await whyTested(subject, version))
  );
}

async function whyPlanned({ actor, writing }: Case, version: Schema['versions']): Promise<Reason | null> {
  if (version.plan_id === null) return null;
  const plan = await writing.trx
    .selectFrom('plans')
    .select('recorded_by')
    .where('plan_id', '=', version.plan_id)
    .executeTakeFirst();
  if (plan?.recorded_by !== actor.personId) return null;
  return { code: 'four-eyes', message: `${actor.name} recorded the plan of this sample and so may not decide on it` };
}

async function whyInChain({ actor, writing }: Case, version: Schema['versions']): Promise<Reason | null> {
  const authors = await chainAuthors(writing.trx, [version.version_id]);
  if (!authors.get(version.version_id)?.includes(actor.personId)) return null;
  const message = `${actor.name} made a version that version ${version.number} goes back to, and so may not decide on it`;
  return { code: 'four-eyes', message };
}

/** Report and observations are about the tests: whoever recorded one of those, whichever revision, does not judge them. */
async function whyTested({ actor, writing }: Case, version: Schema['versions']): Promise<Reason | null> {
  if (!isAboutTests(version.phase)) return null;
  const lob = phaseOf(version.phase).scope === 'lob' ? version.lob : null;
  if (!(await readTesters(writing.trx, version.report_id, lob)).includes(actor.personId)) return null;
  const message =
    lob === null
      ? `${actor.name} executed tests of this report and so may not decide on it or sign it`
      : `${actor.name} executed tests of ${lob} and so may not decide on what they found: another person has to`;
  return { code: 'four-eyes', message };
}
