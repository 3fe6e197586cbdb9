// Before something is steered a sentence says what will happen: nothing less, and nothing that will not.
import { describe, expect, it } from 'vitest';
import {
  addLobSentence,
  completeSelectionSentence,
  completeSentence,
  controlSentence,
  deadlineSentence,
  openPhases,
  skipSentence,
  whatFollows,
} from '../../renderer/phase/act-sentences.ts';
import { lobsWithout } from '../../renderer/phase/complete-dialog.tsx';
import { instantOf, localOf, secondsOf, whyNotDue } from '../../renderer/phase/deadline-draft.ts';
import { aLane, aLine, aReport } from './report-builder.ts';
import type { Version } from '../../domain/version.ts';

const scoping = { phase: 'scoping', lob: null } as const;

describe('pausing, resuming, cancelling', () => {
  it('speaks of one report and of several', () => {
    expect(controlSentence('pause', { kind: 'cycle', name: 'Q4', reports: 3 })).toBe(
      '3 reports of “Q4” stop where they are: nobody can decide, record or hand in until they are resumed, and deadlines stand still.',
    );
    expect(controlSentence('pause', { kind: 'report', name: 'Cards', open: 1 })).toContain('“Cards” stops where it is');
    expect(controlSentence('resume', { kind: 'cycle', name: 'Q4', reports: 1 })).toContain(
      '1 report of “Q4” goes on where it stopped',
    );
  });

  it('says what stays unfinished, and that the other lines of business go on', () => {
    expect(controlSentence('cancel', { kind: 'report', name: 'Cards', open: 2 })).toBe(
      '“Cards” ends for good, with 2 open phases unfinished. What was decided stays readable; no test report is signed.',
    );
    expect(controlSentence('cancel', { kind: 'lob', name: 'Retail', open: 0 })).toBe(
      '“Retail” ends for good. What was decided stays readable, and the test report discloses the reason. The other lines of business go on.',
    );
  });

  it('counts the open phases of the report or of one lane', () => {
    const open = { state: 'in-work' } as const;
    const report = aReport({ 'sample-selection': open, 'request-info/A': open, 'request-info/B': open }, [
      aLane('A'),
      aLane('B'),
    ]);
    expect(openPhases(report)).toBe(3);
    expect(openPhases(report, 'A')).toBe(1);
  });
});

describe('a line of business', () => {
  it('says where its samples come from', () => {
    expect(addLobSentence('Retail', false)).toContain('“Retail” becomes a lane of its own');
    expect(addLobSentence('Retail', false)).toContain('not settled yet');
    expect(addLobSentence('', true)).toContain('without any it skips testing');
  });
});

describe('skipping', () => {
  it('tells a phase that is open from one whose turn has not come', () => {
    const open = aLine('scoping', null, { state: 'in-review', versionId: 'v-1' });
    expect(skipSentence(scoping, open)).toBe(
      'Scoping ends now without a result, what was not decided is closed, and what waits for it begins. The test report discloses it with this reason.',
    );
    expect(skipSentence(scoping, aLine('scoping'))).toContain('is left out when its turn comes');
    expect(skipSentence({ phase: 'observations', lob: null }, null)).toContain(
      'in every line of business, also in those added later',
    );
  });
});

describe('a deadline', () => {
  it('says until when, when somebody is reminded, and that an expired phase can go on', () => {
    expect(deadlineSentence(scoping, 'Fri 27 Nov 18:00', 86_400, true)).toBe(
      'Scoping is due Fri 27 Nov 18:00; after that only a test manager can act on it until the deadline is moved. Whoever holds it up is reminded 1 day before. Its people can work on it again.',
    );
    expect(deadlineSentence(scoping, null, 0, false)).toBe('Scoping has no deadline any more.');
  });

  it.each([
    ['2', 172_800],
    ['0.5', 43_200],
    ['0,5', 43_200],
    ['', null],
    ['0', null],
    ['two', null],
    ['-1', null],
  ])('reads "%s" days as %s seconds', (days, seconds) => expect(secondsOf(days)).toBe(seconds));

  it('takes no reminder as zero', () => expect(secondsOf('0', true)).toBe(0));

  it('reads back the local time of an instant', () => {
    const iso = '2026-11-27T17:30:00.000Z';
    expect(instantOf(localOf(iso))).toBe(iso);
    expect(localOf(null)).toBe('');
    expect(instantOf('')).toBeNull();
    expect(instantOf('soon')).toBeNull();
  });

  it('refuses what is over already', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(whyNotDue(null, 0, now)).toBe('Choose a day and a time');
    expect(whyNotDue('2026-11-21T11:00:00Z', 0, now)).toContain('over already');
    expect(whyNotDue('2026-11-22T11:00:00Z', null, now)).toContain('a number of days');
    expect(whyNotDue('2026-11-22T11:00:00Z', 86_400, now)).toContain('The reminder would be over already');
    expect(whyNotDue('2026-11-22T11:00:00Z', 0, now)).toBeNull();
  });
});

describe('completing', () => {
  it('says what becomes a version and what comes after', () => {
    expect(completeSentence({ phase: 'request-info', lob: 'Retail' }, 1, 1)).toBe(
      'The 1 document recorded so far becomes version 1, and Request for information of Retail is completed; nothing can be recorded in it after that. Test execution begins when nothing else is waited for.',
    );
    expect(whatFollows('scoping')).toBe('Sample selection and Data owner identification');
    expect(whatFollows('test-report')).toBe('');
  });

  it('names the lines of business that get no sample', () => {
    expect(completeSelectionSentence(2, [])).toContain(
      '2 lines of business have an approved sample: sample selection is completed',
    );
    expect(completeSelectionSentence(1, ['A', 'B'])).toBe(
      '1 line of business has an approved sample; A, B get none and skip testing, with the reason on record.',
    );
  });

  it('asks for a reason only where there is neither a sample nor a reason, and not of cancelled lanes', () => {
    const lanes = [
      aLane('drawn'),
      aLane('pending'),
      aLane('named', { withoutSamples: 'sold' }),
      aLane('off', { status: 'cancelled' }),
    ];
    const versions = [
      { lob: 'drawn', status: 'approved' },
      { lob: 'pending', status: 'pending' },
    ] as Version[];
    expect(lobsWithout(lanes, versions)).toEqual(['pending']);
  });
});
