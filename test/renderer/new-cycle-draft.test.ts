// What is typed before a cycle starts becomes the command, report by report, or a sentence that says what is missing.
import { describe, expect, it } from 'vitest';
import { practicePeople } from '../../domain/people.ts';
import {
  cycleOf,
  freshCycle,
  freshPhase,
  phasesWords,
  presetOf,
  setupOf,
  whyNotStart,
  withoutOwn,
  withPart,
} from '../../renderer/home/new-cycle-draft.ts';
import type { CycleDraft } from '../../renderer/home/new-cycle-draft.ts';
import {
  columnWords,
  draftOfSource,
  freshLobs,
  sourceOf,
  sourceWords,
  whyNotLobs,
} from '../../renderer/report/lob-draft.ts';
import type { ColumnProfile } from '../../domain/population.ts';

const people = { 'report-owner': ['olga'], tester: ['tara'] };
const draft: CycleDraft = {
  ...freshCycle,
  name: ' Q4 2026 ',
  reports: 'Card portfolio\n\n Loan book ',
  common: { ...freshCycle.common, people },
};
const lobs = { ...freshLobs, kind: 'list' as const, column: 'REGION', names: 'North\nSouth' };
const skipped = { scoping: { ...freshPhase, skip: true, reason: ' done last year ' } };

describe('a new cycle', () => {
  it('starts every report with what holds for all, and one with its own', () => {
    const later = withPart(
      withPart(draft, null, { phases: { planning: { ...freshPhase, days: '2', remind: '0.5' } } }),
      'Loan book',
      { lobs, phases: skipped, people: { 'report-owner': ['omar'], 'test-lead': ['lena'] } },
    );
    const { name, reports } = cycleOf(later);
    expect(name).toBe('Q4 2026');
    expect(reports).toEqual([
      {
        ...{ name: 'Card portfolio', dueAt: null, lobs: null, skips: [] },
        assignments: [
          { personId: 'tara', role: 'tester' },
          { personId: 'olga', role: 'report-owner' },
        ],
        deadlines: [{ phase: 'planning', dueAfterSeconds: 172_800, remindBeforeSeconds: 43_200 }],
      },
      {
        ...{ name: 'Loan book', dueAt: null, deadlines: [] },
        lobs: { kind: 'list', column: 'REGION', names: ['North', 'South'] },
        skips: [{ phase: 'scoping', reason: 'done last year' }],
        assignments: [
          { personId: 'lena', role: 'test-lead' },
          { personId: 'omar', role: 'report-owner' },
        ],
      },
    ]);
    expect(whyNotStart(later)).toBeNull();
    expect(setupOf(withoutOwn(later, 'Loan book'), 'Loan book')).toEqual(later.common);
  });

  it.each([
    ['a name', { ...draft, name: '' }, 'The cycle needs a name'],
    ['a report', { ...draft, reports: ' \n' }, 'At least one report is needed'],
    ['different names', { ...draft, reports: 'Cards\ncards' }, 'Two reports have the same name'],
    ['an owner', withPart(draft, null, { people: { tester: ['tara'] } }), 'Choose a report owner'],
    ['a tester', withPart(draft, null, { people: { 'report-owner': ['olga'] } }), 'Choose at least one tester'],
    [
      'a reason for a skip, of the report that wants it',
      withPart(draft, 'Loan book', { phases: { scoping: { ...freshPhase, skip: true } } }),
      'Loan book: skipping Scoping needs a reason',
    ],
    [
      'days as a number',
      withPart(draft, null, { phases: { scoping: { ...freshPhase, days: 'soon' } } }),
      'The deadline of Scoping is a number of days',
    ],
    [
      'a reminder as a number',
      withPart(draft, null, { phases: { scoping: { ...freshPhase, days: '2', remind: 'x' } } }),
      'The reminder of Scoping is a number of days',
    ],
    [
      'a reminder within the time',
      withPart(draft, null, { phases: { scoping: { ...freshPhase, days: '2', remind: '3' } } }),
      'The reminder of Scoping would come before the phase began',
    ],
    ['a column for lines of business', withPart(draft, null, { lobs: { ...lobs, column: ' ' } }), 'Name the column'],
  ])('needs %s', (_what, wrong, sentence) => {
    expect(whyNotStart(wrong)).toContain(sentence);
  });

  it('has no deadline for a phase that is skipped', () => {
    const both = withPart(draft, null, { phases: { scoping: { ...freshPhase, skip: true, reason: 'x', days: '2' } } });
    expect(cycleOf(both).reports[0]?.deadlines).toEqual([]);
    expect(phasesWords(both.common)).toBe('skips Scoping · no deadlines');
    expect(phasesWords(draft.common)).toBe('all phases run · no deadlines');
  });

  it('presets everybody in practice, and only oneself in a team', () => {
    expect(presetOf(practicePeople, true, 'mara')).toMatchObject({ tester: ['tara', 'tom'], 'data-owner': ['dana'] });
    expect(presetOf(practicePeople, false, 'mara')).toEqual({ 'test-manager': ['mara'] });
  });
});

describe('the lines of business', () => {
  it.each([
    [{ ...freshLobs }, null, 'not chosen: one for the whole report'],
    [{ ...freshLobs, kind: 'none' as const }, { kind: 'none' }, 'none: the report is tested as a whole'],
    [
      { ...freshLobs, kind: 'column' as const, column: ' EDUCATION ' },
      { kind: 'column', column: 'EDUCATION' },
      'every value of EDUCATION',
    ],
    [lobs, { kind: 'list', column: 'REGION', names: ['North', 'South'] }, 'North, South of REGION'],
  ])('of %j', (typed, source, words) => {
    expect(sourceOf(typed)).toEqual(source);
    expect(sourceWords(sourceOf(typed))).toBe(words);
    expect(sourceOf(draftOfSource(sourceOf(typed)))).toEqual(source);
    expect(whyNotLobs(typed)).toBeNull();
  });

  it('needs names, each once, and not too many', () => {
    expect(whyNotLobs({ ...lobs, names: '' })).toBe('Name at least one line of business, one a line');
    expect(whyNotLobs({ ...lobs, names: 'North\nNorth' })).toBe('The line of business North is named twice');
    const many = Array.from({ length: 101 }, (_, at) => `L${at}`).join('\n');
    expect(whyNotLobs({ ...lobs, names: many })).toBe('A report has at most 100 lines of business');
  });

  it('says what a column would give, rows without a value included', () => {
    const column = { distinct: 2, nulls: 1, blanks: 2, frequent: [{ value: 'N', count: 5 }] } as ColumnProfile;
    expect(columnWords(column)).toBe('3 lines of business: N (5), …, (none) (3)');
  });
});
