// Owns a cycle as it is typed before it is started: what holds for every report, and what one report has of its own. Pure.
import { whyNotDeadlines } from '../../domain/control.ts';
import { noteSchema } from '../../domain/decision.ts';
import type { Deadline } from '../../domain/operation.ts';
import { roles } from '../../domain/people.ts';
import type { Assignment, Person, Role } from '../../domain/people.ts';
import { phaseOf, phases } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { CommandInput } from '../../preload/contract.ts';
import { secondsOf } from '../phase/deadline-draft.ts';
import { freshLobs, linesOf, sourceOf, whyNotLobs } from '../report/lob-draft.ts';
import type { LobDraft } from '../report/lob-draft.ts';

export type Chosen = Partial<Record<Role, string[]>>;

/** What is said of one phase before it begins. Days as typed; empty for no deadline. */
export interface PhasePlan {
  skip: boolean;
  reason: string;
  days: string;
  remind: string;
}

/** What a report is started with. */
export interface Setup {
  people: Chosen;
  lobs: LobDraft;
  phases: Partial<Record<PhaseSlug, PhasePlan>>;
  /** The day on which its reviews are due; empty for none. */
  due: string;
}

export interface CycleDraft {
  name: string;
  /** Names of the reports, one a line. */
  reports: string;
  common: Setup;
  /** By the name of the report: the parts in which it differs. */
  own: Readonly<Record<string, Partial<Setup>>>;
}

export const freshPhase: PhasePlan = { skip: false, reason: '', days: '', remind: '' };
export const freshSetup: Setup = { people: {}, lobs: freshLobs, phases: {}, due: '' };
export const freshCycle: CycleDraft = { name: '', reports: '', common: freshSetup, own: {} };

/** The setup of a report: what holds for all, with its own parts over it. */
export function setupOf(draft: CycleDraft, report: string): Setup {
  return { ...draft.common, ...draft.own[report] };
}

/** Changes a part for one report, or (null) for all that have none of their own. */
export function withPart(draft: CycleDraft, report: string | null, part: Partial<Setup>): CycleDraft {
  if (report === null) return { ...draft, common: { ...draft.common, ...part } };
  return { ...draft, own: { ...draft.own, [report]: { ...draft.own[report], ...part } } };
}

/** Takes back what a report has of its own. */
export function withoutOwn(draft: CycleDraft, report: string): CycleDraft {
  const { [report]: _taken, ...own } = draft.own;
  return { ...draft, own };
}

/** Practice identities are there to be assigned; in a team only who starts the cycle is preset. */
export function presetOf(people: readonly Person[], practice: boolean, me: string | undefined): Chosen {
  const preset: Chosen = {};
  for (const role of roles) {
    const able = people.filter((person) => person.roles.includes(role));
    const taken = practice ? able : able.filter((person) => person.personId === me && role === 'test-manager');
    if (taken.length > 0) preset[role] = taken.map((person) => person.personId);
  }
  return preset;
}

/** The chosen people as assignments, roles in their order. */
export function assignmentsOf(chosen: Chosen): Assignment[] {
  return roles.flatMap((role) => (chosen[role] ?? []).map((personId) => ({ personId, role })));
}

/** The end of a chosen day, as the review's due time; null when no day was chosen. */
export function dueAtOf(day: string): string | null {
  return day === '' ? null : new Date(`${day}T18:00:00`).toISOString();
}

/** Phases that are left out, in their order. */
export function skipsOf(setup: Setup): { phase: PhaseSlug; reason: string }[] {
  return phases.flatMap(({ slug }) => {
    const plan = setup.phases[slug];
    return plan?.skip ? [{ phase: slug, reason: plan.reason.trim() }] : [];
  });
}

/** Deadlines of the phases that run. What cannot be read as days is left out: `whyNotSetup` names it. */
export function deadlinesOf(setup: Setup): Deadline[] {
  return phases.flatMap(({ slug }): Deadline[] => {
    const plan = setup.phases[slug];
    if (!plan || plan.skip || plan.days.trim() === '') return [];
    const dueAfterSeconds = secondsOf(plan.days);
    if (dueAfterSeconds === null) return [];
    return [{ phase: slug, dueAfterSeconds, remindBeforeSeconds: remindOf(plan) ?? 0 }];
  });
}

function remindOf(plan: PhasePlan): number | null {
  return plan.remind.trim() === '' ? 0 : secondsOf(plan.remind, true);
}

/** What keeps a report from being started like this, or null. */
export function whyNotSetup(setup: Setup): string | null {
  if (!setup.people['report-owner']?.length) return 'Choose a report owner: somebody has to decide';
  const testing: Role[] = ['tester', 'test-lead', 'test-manager'];
  if (!testing.some((role) => setup.people[role]?.length)) return 'Choose at least one tester';
  return whyNotLobs(setup.lobs) ?? whyNotPhases(setup);
}

function whyNotPhases(setup: Setup): string | null {
  for (const { slug, name } of phases) {
    const plan = setup.phases[slug];
    if (!plan) continue;
    if (plan.skip && plan.reason.trim() === '') return `Skipping ${name} needs a reason: the test report discloses it`;
    const long = plan.skip ? noteSchema.safeParse(plan.reason.trim()).error?.issues[0]?.message : undefined;
    if (long) return `The reason for skipping ${name}: ${long}`;
    if (plan.skip) continue;
    if (plan.days.trim() !== '' && secondsOf(plan.days) === null) {
      return `The deadline of ${name} is a number of days, such as 5 or 0.5`;
    }
    if (plan.days.trim() !== '' && remindOf(plan) === null) {
      return `The reminder of ${name} is a number of days, such as 1 or 0.5`;
    }
  }
  // One deadline a phase by its form: all that can be wrong with one is its reminder.
  const unfit = deadlinesOf(setup).find((deadline) => whyNotDeadlines([deadline]) !== null);
  return unfit ? `The reminder of ${phaseOf(unfit.phase).name} would come before the phase began: shorten it` : null;
}

/** What keeps the cycle from being started, or null; it names the report where only one is wrong. */
export function whyNotStart(draft: CycleDraft): string | null {
  if (draft.name.trim() === '') return 'The cycle needs a name';
  const names = linesOf(draft.reports);
  if (names.length === 0) return 'At least one report is needed';
  const lower = names.map((name) => name.toLowerCase());
  if (new Set(lower).size < names.length) return 'Two reports have the same name';
  for (const name of names) {
    const why = whyNotSetup(setupOf(draft, name));
    if (why !== null) return draft.own[name] ? `${name}: ${why.charAt(0).toLowerCase()}${why.slice(1)}` : why;
  }
  return null;
}

/** What the command takes. */
export function cycleOf(draft: CycleDraft): CommandInput<'cycle:start'> {
  return {
    name: draft.name.trim(),
    reports: linesOf(draft.reports).map((name) => {
      const setup = setupOf(draft, name);
      return {
        name,
        assignments: assignmentsOf(setup.people),
        dueAt: dueAtOf(setup.due),
        lobs: sourceOf(setup.lobs),
        skips: skipsOf(setup),
        deadlines: deadlinesOf(setup),
      };
    }),
  };
}

/** "skips Scoping · 3 with a deadline": what was said of the phases. */
export function phasesWords(setup: Setup): string {
  const skips = skipsOf(setup);
  const deadlines = deadlinesOf(setup);
  const skipped =
    skips.length === 0 ? 'all phases run' : `skips ${skips.map((row) => phaseOf(row.phase).shortName).join(', ')}`;
  const due = deadlines.length === 0 ? 'no deadlines' : `${deadlines.length} with a deadline`;
  return `${skipped} · ${due}`;
}
