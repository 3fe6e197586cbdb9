// Owns what is said before a step that failed for good is settled, and before a report is moved. Pure; what can be chosen is the domain's.
import type { Compensation, Settlement } from '../../domain/compensation.ts';
import { placeName } from '../../domain/phases.ts';
import type { Report } from '../../domain/change.ts';
import { jobName } from './tracking-words.ts';

export const settleLabels: Readonly<Record<Settlement, string>> = {
  'try-again': 'Try again',
  withdraw: 'Take back',
  'by-hand': 'Go on by hand',
};

export const settleKeys: Readonly<Record<Settlement, string>> = {
  'try-again': 'y',
  withdraw: 'Shift+Y',
  'by-hand': 'Alt+Y',
};

/** What a choice is called while it is on its way. */
export const settleDoing: Readonly<Record<Settlement, string>> = {
  'try-again': 'trying again',
  withdraw: 'taking back',
  'by-hand': 'going on by hand',
};

/** What settling it like this will do. */
export function settleSentence(row: Pick<Compensation, 'job' | 'phase' | 'lob'>, choice: Settlement): string {
  const what = jobName(row.job);
  const where = placeName(row);
  switch (choice) {
    case 'try-again':
      return `${capital(what)} of ${where} begins again with all its attempts; should it fail for good once more, it waits here again.`;
    case 'withdraw':
      return `${withdrawn(row.job, where)} What people decided before that stands.`;
    case 'by-hand':
      return `${where} goes on without ${what}: its people do by hand what the step would have done.`;
  }
}

function withdrawn(job: string, where: string): string {
  switch (job) {
    case 'settle-review':
      return `The review is taken back: the version of ${where} waits for it again, and whoever gave it can give it again.`;
    case 'draw-sample':
    case 'revise-sample':
      return `What asked for ${jobName(job)} is taken back: a tester can do it again.`;
    default:
      return `What asked for ${jobName(job)} of ${where} is taken back: whoever did it can do it again.`;
  }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What moving a report will do. */
export function moveSentence(name: string, from: string, to: string): string {
  return `From its next safe point on “${name}” goes on as workflow version ${to} instead of ${from}; nothing that was decided changes, and it is never moved back.`;
}

/** Who may settle what failed in a report: its test managers. */
export function settlersOf({ assignments }: Pick<Report, 'assignments'>, nameOf: (personId: string) => string): string {
  const names = assignments.filter(({ role }) => role === 'test-manager').map(({ personId }) => nameOf(personId));
  return names.length === 0 ? 'a test manager' : names.join(' or ');
}
