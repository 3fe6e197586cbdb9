// Owns the handlers that steer a cycle: control, lines of business, skipping, completing, deadlines, workflow versions, settling what failed.
// One table: a row says what the act is and what stands against it; asking, refusing and queueing are the same for all. The worker asks the
// same rules again.
import { whyNot } from '../../../domain/authority.ts';
import type { Act } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import {
  whyNotControl,
  whyNotControlLob,
  whyNotDeadline,
  whyNotLobSource,
  whyNotSkip,
} from '../../../domain/control.ts';
import type { LobSource, OperationBody, Reason } from '../../../domain/operation.ts';
import type { Person } from '../../../domain/people.ts';
import { whyNotGoing, whyNotTurn } from '../../../domain/turn.ts';
import type { CommandParsed } from '../../../preload/contract.ts';
import { firstId, personAsking, reportOf } from './context.ts';
import type { CommandContext, HandlerGroup } from './context.ts';
import { refuseFor, whyOver } from '../desk/access.ts';
import { whyNotSettling } from '../desk/compensations.ts';
import { whyNotComplete } from '../desk/phase-detail.ts';
import { whyNotMoving } from '../desk/workflows.ts';
import { failed } from '../failure.ts';
import type { Session } from '../session.ts';

type InReport =
  | 'report:control'
  | 'lob:control'
  | 'lobs:set'
  | 'phase:skip'
  | 'phase:complete'
  | 'deadline:set'
  | 'workflow:move'
  | 'compensation:settle';

/** What is known of a report when an act is judged. */
interface Case {
  report: Report;
  session: Session;
  person: Person;
}

interface Control<Name extends InReport> {
  act(input: CommandParsed<Name>): Act;
  /** What stands against it besides the person's role; null when nothing does. */
  whyNot(subject: Case, input: CommandParsed<Name>): Reason | null;
  body(input: CommandParsed<Name>): OperationBody;
}

const controls: { [Name in InReport]: Control<Name> } = {
  'report:control': {
    act: () => ({ kind: 'control' }),
    whyNot: ({ report }, { act }) => whyNotControl(report, act),
    body: (input) => ({ kind: 'report.control', ...input }),
  },
  'lob:control': {
    act: () => ({ kind: 'control' }),
    whyNot: ({ report }, { lob, act }) => whyNotControlLob(report, lob, act),
    body: (input) => ({ kind: 'lob.control', ...input }),
  },
  'lobs:set': {
    act: () => ({ kind: 'set-lobs' }),
    whyNot: (subject, { source }) => whyNotGoing(subject.report) ?? whyNotSource(subject, source),
    body: (input) => ({ kind: 'lobs.set', ...input }),
  },
  'phase:skip': {
    act: () => ({ kind: 'skip' }),
    whyNot: ({ report }, place) => whyNotSkip(report, place),
    body: (input) => ({ kind: 'phase.skip', ...input }),
  },
  'phase:complete': {
    act: ({ phase }) => ({ kind: 'complete', phase }),
    whyNot: ({ report, session, person }, { withoutSamples, ...place }) =>
      // Naming lines of business without samples may leave the phase open for the others.
      withoutSamples.length > 0 ? whyNotTurn(report, place, person) : whyNotComplete(session, report, place),
    body: (input) => ({ kind: 'phase.complete', ...input }),
  },
  'deadline:set': {
    act: () => ({ kind: 'set-deadline' }),
    whyNot: ({ report, session }, { dueAt, ...place }) => whyNotDeadline(report, place, dueAt, session.now()),
    body: (input) => ({ kind: 'deadline.set', ...input }),
  },
  'workflow:move': {
    act: () => ({ kind: 'move-workflow' }),
    whyNot: ({ report, session }, { to }) => whyNotMoving(session, report, to),
    body: (input) => ({ kind: 'workflow.move', ...input }),
  },
  'compensation:settle': {
    act: () => ({ kind: 'settle-compensation' }),
    whyNot: ({ report, session }, { compensationId, choice }) =>
      whyNotSettling(session, report, compensationId, choice),
    body: (input) => ({ kind: 'compensation.settle', ...input }),
  },
};

export function controlHandlers(context: CommandContext): HandlerGroup<InReport | 'cycle:control'> {
  const handler =
    <Name extends InReport>(name: Name) =>
    (input: CommandParsed<Name>): { operationId: string } => {
      const control: Control<Name> = controls[name];
      mustControl(context, control, input);
      return { operationId: firstId(context.session.queue([control.body(input)])) };
    };
  return {
    'cycle:control': (input) => controlCycle(context, input),
    'report:control': handler('report:control'),
    'lob:control': handler('lob:control'),
    'lobs:set': handler('lobs:set'),
    'phase:skip': handler('phase:skip'),
    'phase:complete': handler('phase:complete'),
    'deadline:set': handler('deadline:set'),
    'workflow:move': handler('workflow:move'),
    'compensation:settle': handler('compensation:settle'),
  };
}

/** @throws CommandFailure `refused` in the worker's own words, or `not-found`. */
function mustControl<Name extends InReport>(
  context: CommandContext,
  control: Control<Name>,
  input: CommandParsed<Name>,
): void {
  const report = reportOf(context, input.reportId);
  const person = personAsking(context);
  // Who it is comes with the directory; until then the worker alone judges.
  if (!person) return;
  refuseFor(
    whyNot(control.act(input), person, report.assignments) ??
      whyOver(report) ??
      control.whyNot({ report, person, session: context.session }, input),
  );
}

function controlCycle(context: CommandContext, input: CommandParsed<'cycle:control'>): { operationId: string } {
  const { session } = context;
  const { cycleId, act } = input;
  if (!session.cache.cycle(cycleId)) {
    const message = `The cycle ${cycleId} is not on this laptop: either it is not yours, or it was not pulled yet.`;
    throw failed('not-found', message);
  }
  const person = personAsking(context);
  // A cycle has no assignments: what the person is counts.
  const own = person?.roles.map((role) => ({ personId: person.personId, role })) ?? [];
  if (person) refuseFor(whyNot({ kind: 'control' }, person, own));
  const reasons = session.cache
    .reports()
    .filter((report) => report.cycleId === cycleId)
    .map((report) => whyNotControl(report, act));
  // One report that it reaches is enough.
  if (!reasons.includes(null)) refuseFor(reasons[0] ?? null);
  return { operationId: firstId(session.queue([{ kind: 'cycle.control', ...input }])) };
}

function whyNotSource({ report, session }: Case, source: LobSource): Reason | null {
  if (report.lobs.length > 0) {
    const message = 'the lines of business are recorded: a test manager can add one, or cancel one';
    return { code: 'out-of-turn', message };
  }
  const ready = session.cache
    .populations(report.reportId)
    .flatMap(({ state }) => (state.kind === 'ready' ? [state] : []));
  if (ready.length === 0) {
    const message = 'the population is not ready: import it and wait until it was read';
    return { code: 'population-not-ready', message };
  }
  // Which of several populations counts is the worker's to say.
  const reasons = ready.map(({ columns }) => whyNotLobSource(source, columns));
  return reasons.includes(null) ? null : (reasons[0] ?? null);
}
