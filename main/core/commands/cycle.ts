// Owns the handlers for cycles, reports and assignments. Knows no version and no row.
import { randomUUID } from 'node:crypto';
import { twiceNamed, whyNotDeadlines } from '../../../domain/control.ts';
import type { OperationBody } from '../../../domain/operation.ts';
import { phaseOf } from '../../../domain/phases.ts';
import { roleNames } from '../../../domain/people.ts';
import type { Assignment } from '../../../domain/people.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import { firstId, mustMay, reportOf } from './context.ts';
import type { CommandContext, HandlerGroup } from './context.ts';
import { failed } from '../failure.ts';

type Names = 'cycle:start' | 'cycle:list' | 'report:get' | 'assignment:set';

export function cycleHandlers(context: CommandContext): HandlerGroup<Names> {
  const { session } = context;
  return {
    'cycle:start': (input) => startCycle(context, input),
    'cycle:list': () =>
      session.cache.cycles().map((cycle) => ({
        cycle,
        reports: session.cache.reports().filter((report) => report.cycleId === cycle.cycleId),
      })),
    'report:get': ({ reportId }) => ({
      report: reportOf(context, reportId),
      populations: session.cache.populations(reportId),
      plans: session.cache.plans(reportId),
      versions: session.cache.versions(reportId),
      deadLetters: session.cache.deadLetters(reportId),
      recommendations: session.cache.recommendations(reportId),
    }),
    'assignment:set': ({ reportId, personId, role, assigned }) => {
      reportOf(context, reportId);
      mustMay(context, { kind: 'assign' }, reportId);
      const person = session.cache.person(personId);
      if (!person) throw failed('not-found', `Nobody is called ${personId} in the directory of this laptop.`);
      return { operationId: firstId(session.queue([{ kind: 'assignment.set', reportId, personId, role, assigned }])) };
    },
  };
}

function startCycle(context: CommandContext, input: CommandParsed<'cycle:start'>): CommandOutput<'cycle:start'> {
  mustMay(context, { kind: 'start-cycle' }, null);
  const problems = input.reports.flatMap((report, index) => [
    ...assignmentProblems(context, report.assignments, index),
    ...courseProblems(report, index),
  ]);
  const names = input.reports.map((report) => report.name.toLowerCase());
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index)
      problems.push({ path: `reports.${index}.name`, message: 'another report of this cycle has the same name' });
  }
  if (problems.length > 0)
    throw failed('bad-input', problems[0]?.message ?? 'the cycle cannot be started like this', { fields: problems });
  const body: Extract<OperationBody, { kind: 'cycle.start' }> = {
    kind: 'cycle.start',
    cycleId: randomUUID(),
    name: input.name,
    reports: input.reports.map((report) => ({ reportId: randomUUID(), ...report })),
  };
  const operationId = firstId(context.session.queue([body]));
  return { cycleId: body.cycleId, reportIds: body.reports.map((report) => report.reportId), operationId };
}

type AskedReport = CommandParsed<'cycle:start'>['reports'][number];

/** What is wrong with the skips and deadlines of a report. */
function courseProblems({ skips, deadlines }: AskedReport, report: number): { path: string; message: string }[] {
  const problems: { path: string; message: string }[] = [];
  const twice = twiceNamed(skips.map(({ phase }) => phase));
  if (twice !== null) problems.push({ path: `reports.${report}.skips`, message: `${twice} is skipped twice` });
  for (const [index, { phase }] of skips.entries()) {
    const { skippable, name } = phaseOf(phase);
    const path = `reports.${report}.skips.${index}.phase`;
    if (!skippable) problems.push({ path, message: `${name} cannot be skipped: it is what the cycle is for` });
  }
  const unfit = whyNotDeadlines(deadlines);
  if (unfit) problems.push({ path: `reports.${report}.deadlines`, message: unfit.message });
  return problems;
}

/** What the worker would refuse, said before anything is queued. People who are not in the directory yet are its to judge. */
function assignmentProblems(
  { session }: CommandContext,
  assignments: readonly Assignment[],
  report: number,
): { path: string; message: string }[] {
  return assignments.flatMap((assignment, index) => {
    const person = session.cache.person(assignment.personId);
    if (!person || person.roles.includes(assignment.role)) return [];
    return [
      {
        path: `reports.${report}.assignments.${index}`,
        message: `${person.name} may not be assigned as ${roleNames[assignment.role]}`,
      },
    ];
  });
}
