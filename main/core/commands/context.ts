// Owns what handlers are given and the checks they share: who asks, and may they. Knows no single command.
import { whyNot } from '../../../domain/authority.ts';
import type { Act } from '../../../domain/authority.ts';
import { practicePeople } from '../../../domain/people.ts';
import type { Person } from '../../../domain/people.ts';
import type { PhaseState, Report } from '../../../domain/change.ts';
import { whyNotTurn } from '../../../domain/turn.ts';
import type { Handlers } from '../../../preload/contract.ts';
import type { Core } from '../core.ts';
import { refuseFor, whyOver } from '../desk/access.ts';
import { failed } from '../failure.ts';
import type { Session } from '../session.ts';

/** What a handler works on: the data folder's core, and the profile that asks. */
export interface CommandContext {
  core: Core;
  session: Session;
}

/** A group of handlers; all groups together are the contract's `Handlers`. */
export type HandlerGroup<Names extends keyof Handlers> = Pick<Handlers, Names>;

/** The person who asks; null when the directory was not pulled yet (a team's laptop before its first sync). */
export function personAsking({ core, session }: CommandContext): Person | null {
  const known = session.cache.person(session.personId);
  return known ?? (core.solo ? (practicePeople.find((person) => person.personId === session.personId) ?? null) : null);
}

/** In solo mode one person plays all identities, so files of each are shown; in a team a laptop knows its own. */
export function ownersOf({ core, session }: CommandContext): Session[] {
  return core.solo ? [session, ...core.sessions().filter((other) => other !== session)] : [session];
}

/** @throws CommandFailure `not-found`. */
export function reportOf({ session }: CommandContext, reportId: string): Report {
  const report = session.cache.report(reportId);
  if (report) return report;
  throw failed(
    'not-found',
    `The report ${reportId} is not on this laptop: either it is not yours, or it was not pulled yet.`,
  );
}

/**
 * Says beforehand what the worker would say (design decision 5); what is not known here is left to the worker.
 * @throws CommandFailure `refused`.
 */
export function mustMay(context: CommandContext, act: Act, reportId: string | null): void {
  const person = personAsking(context);
  if (!person) return;
  const report = reportId === null ? null : context.session.cache.report(reportId);
  if (reportId !== null && !report) return;
  const reason = whyNot(act, person, report?.assignments ?? []);
  if (reason) throw failed('refused', reason.message, { details: reason.code });
}

/**
 * Says beforehand that a report is over, paused, or that it is not this phase's turn; what is not known here is left to the worker.
 * @throws CommandFailure `refused`.
 */
export function mustBeTurn(context: CommandContext, reportId: string, place: Pick<PhaseState, 'phase' | 'lob'>): void {
  const person = personAsking(context);
  const report = context.session.cache.report(reportId);
  if (person && report) refuseFor(whyOver(report) ?? whyNotTurn(report, place, person));
}

/** The first operation id of what was queued. */
export function firstId(operationIds: readonly string[]): string {
  const [operationId] = operationIds;
  if (operationId === undefined) throw new Error('nothing was queued');
  return operationId;
}
