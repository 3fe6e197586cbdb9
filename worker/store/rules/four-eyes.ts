// Owns the four eyes over a chain of versions: nobody decides on what they planned, drew or revised themselves.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { Schema } from '../schema.ts';
import type { Case } from './rule.ts';

/** Why the actor may not review this version, by role or by four eyes; null when they may. */
export async function whyNotReviewer(
  subject: Case,
  version: Schema['versions'],
  report: Report,
): Promise<Reason | null> {
  const { actor, writing } = subject;
  const { phase, number, author_id: authorId } = version;
  const reason = whyNot({ kind: 'review', version: { phase, number, authorId } }, actor, report.assignments);
  if (reason) return reason;
  const plan = await writing.trx
    .selectFrom('plans')
    .select('recorded_by')
    .where('plan_id', '=', version.plan_id)
    .executeTakeFirst();
  if (plan?.recorded_by === actor.personId) {
    return { code: 'four-eyes', message: `${actor.name} recorded the plan of this sample and so may not decide on it` };
  }
  const own = await writing.trx
    .selectFrom('versions')
    .select('number')
    .where('master_record_id', '=', version.master_record_id)
    .where('number', '<', number)
    .where('author_id', '=', actor.personId)
    .executeTakeFirst();
  if (!own) return null;
  const message = `${actor.name} made version ${own.number}, which this one goes back to, and so may not decide on it`;
  return { code: 'four-eyes', message };
}
