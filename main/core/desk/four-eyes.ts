// Owns the four eyes beyond a version's own author, as far as this laptop can know them: who planned, made or tested something that a
// version goes back to does not judge it. The worker knows all of it and asks again. Reads only.
import type { Reason } from '../../../domain/operation.ts';
import type { Person } from '../../../domain/people.ts';
import { phaseOf } from '../../../domain/phases.ts';
import type { Version } from '../../../domain/version.ts';
import type { Desk } from './desk.ts';
import { statement } from '../sqlite.ts';
import { planOf } from './version-facts.ts';

/** Why a person may not judge a version that they had a part in, or null. That they made it themselves is said elsewhere. */
export function whyOneOfTheAuthors(desk: Desk, version: Version, person: Person): Reason | null {
  return whyPlanned(desk, version, person) ?? whyInChain(desk, version, person) ?? whyTested(desk, version, person);
}

function fourEyes(message: string): Reason {
  return { code: 'four-eyes', message };
}

function whyPlanned(desk: Desk, version: Version, { personId, name }: Person): Reason | null {
  if (phaseOf(version.phase).making !== 'drawn' || planOf(desk, version)?.recordedBy !== personId) return null;
  return fourEyes(`${name} recorded the plan of this sample and so may not decide on it`);
}

function whyInChain(desk: Desk, version: Version, { personId, name }: Person): Reason | null {
  for (const before of ancestorsOf(desk, version)) {
    if (before.authorId !== personId) continue;
    return fourEyes(`${name} made a version that version ${version.number} goes back to, and so may not decide on it`);
  }
  return null;
}

function* ancestorsOf(desk: Desk, version: Version): Generator<Version> {
  const seen = new Set<string>();
  for (let id = version.parentVersionId; id !== null && !seen.has(id);) {
    seen.add(id);
    const before: Version | null = desk.cache.version(id);
    if (before) yield before;
    id = before?.parentVersionId ?? null;
  }
}

/** The report is about the tests: whoever recorded one of them, also one that is still on its way, does not judge it. */
function whyTested(desk: Desk, version: Version, { personId, name }: Person): Reason | null {
  if (phaseOf(version.phase).approval !== 'sign-off') return null;
  const { reportId } = version;
  const recorded = statement<number>(
    desk.cache.db,
    `SELECT 1 FROM records WHERE report_id = ? AND phase = 'test-execution' AND json ->> 'actorId' = ? LIMIT 1`,
  )
    .pluck()
    .get(reportId, personId);
  const onItsWay = statement<number>(
    desk.outbox.db,
    `SELECT 1 FROM record_changes WHERE report_id = ? AND phase = 'test-execution' AND state IN ('queued', 'sent', 'applied')
     LIMIT 1`,
  )
    .pluck()
    .get(reportId);
  if (recorded === undefined && onItsWay === undefined) return null;
  return fourEyes(`${name} executed tests of this report and so may not decide on it or sign it`);
}
