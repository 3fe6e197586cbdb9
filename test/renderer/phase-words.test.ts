// Where a phase stands is said in one word, whatever stops it; what steering does is said before it is done.
import { describe, expect, it } from 'vitest';
import { phaseStatuses } from '../../domain/flow.ts';
import { phases } from '../../domain/phases.ts';
import { cycleWords } from '../../renderer/home/cycles.tsx';
import { laneFacts } from '../../renderer/cycle/lanes.tsx';
import { entriesOf } from '../../renderer/phase/entries-of.ts';
import { nextStep } from '../../renderer/phase/next-step.ts';
import {
  heldUp,
  holdOf,
  laneLook,
  phaseLook,
  progressWords,
  segmentOf,
  segmentWords,
  versionMark,
  waitsFor,
  wishedSkip,
} from '../../renderer/phase/phase-words.ts';
import { aCompensation, aLane, aLine, aReport, at } from './report-builder.ts';

const expired = { state: 'in-review', expiredAt: at, dueAt: at } as const;
const done = { state: 'completed' } as const;
const ended = { at, reason: 'the report was withdrawn' };

describe('where a phase stands', () => {
  it('has its own word for each state', () => {
    const words = phaseStatuses.map((state) => phaseLook(aLine('scoping', null, { state }), 'none').word);
    expect(new Set(words).size).toBe(phaseStatuses.length);
  });

  it.each([
    ['a passed deadline', expired, 'none', 'deadline passed'],
    ['a pause', expired, 'paused', 'paused'],
    ['a cancelling', expired, 'cancelled', 'cancelled'],
    ['that it was signed', { state: 'completed', outcome: 'signed' }, 'none', 'signed'],
    ['nothing, once it is completed', { state: 'completed', expiredAt: at }, 'cancelled', 'completed'],
    ['no pause before it began', {}, 'paused', 'not started'],
    ['a skip, whatever came after', { state: 'skipped' }, 'paused', 'skipped'],
  ] as const)('shows %s', (_what, line, hold, word) => {
    expect(phaseLook(aLine('scoping', null, line), hold).word).toBe(word);
  });

  it('is stopped by its report or by its line of business, and by no other', () => {
    const lanes = [aLane('Retail', { status: 'paused' }), aLane('Private', { status: 'cancelled' }), aLane('Other')];
    const report = aReport({}, lanes);
    expect(['Retail', 'Private', 'Other', null].map((lob) => holdOf(report, lob))).toEqual([
      'paused',
      'cancelled',
      'none',
      'none',
    ]);
    expect(holdOf({ ...report, paused: { at, reason: 'x' } }, 'Other')).toBe('paused');
    expect(holdOf({ ...report, ended }, 'Retail')).toBe('cancelled');
  });

  it.each([
    [[], ''],
    [['olga'], 'waits for OLGA'],
    [['olga', 'lena'], 'waits for OLGA and LENA'],
    [['a', 'b', 'c'], 'waits for A, B and C'],
    [['a', 'b', 'c', 'd', 'e'], 'waits for A, B and 3 more'],
  ])('names who holds it up: %j', (people, words) => {
    expect(waitsFor(people, (id) => id.toUpperCase())).toBe(words);
  });

  it('knows the number of the version it shows, when that is here', () => {
    const versions = [{ versionId: 'v-two', number: 2 }];
    expect(versionMark({ versionId: 'v-two' }, versions)).toBe(' v2');
    expect(versionMark({ versionId: 'v-one' }, versions)).toBe('');
    expect(versionMark({ versionId: null }, versions)).toBe('');
  });

  it('finds the wish to skip it, for itself or for all lines of business', () => {
    const skips = [{ phase: 'observations', lob: null, reason: 'none are wanted', by: 'mara' }] as const;
    const report = aReport({}, [aLane('Retail')], { skips: [...skips] });
    expect(wishedSkip(report, { phase: 'observations', lob: 'Retail' })).toBe('none are wanted');
    expect(wishedSkip(report, { phase: 'test-execution', lob: 'Retail' })).toBeNull();
  });
});

describe('a phase over all lines of business', () => {
  const lanes = [
    aLane('A', { status: 'running' }),
    aLane('B', { status: 'running' }),
    aLane('C', { status: 'cancelled' }),
  ];

  it('shows the most urgent lane and counts the settled ones, without those that were cancelled', () => {
    const report = aReport(
      { 'test-execution/A': done, 'test-execution/B': expired, 'test-execution/C': expired },
      lanes,
    );
    const segment = segmentOf(report, 'test-execution');
    expect(segmentWords('test-execution', segment)).toBe('Test execution: deadline passed, 1 of 2 settled');
  });

  it('is in work while some lanes are done and none is open, and done when all are', () => {
    expect(segmentOf(aReport({ 'test-execution/A': done }, lanes), 'test-execution').look.word).toBe('in work');
    const both = aReport({ 'test-execution/A': done, 'test-execution/B': { state: 'skipped' } }, lanes);
    expect(segmentOf(both, 'test-execution')).toMatchObject({ look: { word: 'completed' }, settled: 2, lines: 2 });
    const skipped = { state: 'skipped' } as const;
    const none = aReport({ 'test-execution/A': skipped, 'test-execution/B': skipped }, lanes);
    expect(segmentOf(none, 'test-execution').look.word).toBe('skipped');
  });

  it('has not started before the lines of business are named', () => {
    expect(segmentOf(aReport(), 'request-info')).toMatchObject({ look: { word: 'not started' }, settled: 0, lines: 1 });
  });

  it('keeps what is done in an ended report', () => {
    const report = aReport({ planning: done, 'data-profiling': { state: 'in-review' } }, [], { ended });
    expect(segmentOf(report, 'planning').look.word).toBe('completed');
    expect(segmentOf(report, 'data-profiling').look.word).toBe('cancelled');
  });
});

describe('how far a report is', () => {
  it('counts a phase when all its lanes are settled', () => {
    const lanes = [aLane('A', { status: 'finished' }), aLane('B', { status: 'running' })];
    const report = aReport(
      { planning: done, 'request-info/A': done, 'request-info/B': done, 'test-execution/A': done },
      lanes,
    );
    expect(progressWords(report)).toBe('2 of 9 phases · 1 of 2 lines of business finished');
    expect(cycleWords(['report-001'], [report])).toBe('1 report · 2 of 9 phases · 1 of 2 lines of business finished');
  });

  it('says what holds it up, the end before the pause before a question before a deadline before a rejection', () => {
    const lines = { planning: { state: 'rejected' }, scoping: expired } as const;
    const all = { ended, paused: { at, reason: 'x' }, problem: 'no such column' };
    expect(heldUp(aReport(lines, [], all))).toBe('ended: the report was withdrawn');
    expect(heldUp(aReport(lines, [], { ...all, ended: null }))).toBe('paused');
    expect(heldUp(aReport(lines, [], { problem: 'no such column' }))).toBe('needs a decision');
    expect(heldUp(aReport(lines, [], { compensations: [aCompensation()] }))).toBe('1 step failed for good');
    expect(heldUp(aReport(lines))).toBe('1 deadline passed');
    expect(heldUp(aReport({ planning: { state: 'rejected' } }))).toBe('1 phase rejected');
    expect(heldUp(aReport({ planning: { state: 'in-review' } }))).toBeNull();
  });

  it('counts the reports of a cycle that are held up', () => {
    const report = aReport({ planning: { state: 'rejected' } });
    expect(cycleWords(['a', 'b'], [report, aReport()])).toBe('2 reports · 1 held up');
    expect(cycleWords(['a', 'b'], [report, aReport({}, [], { ended })])).toBe('2 reports · 1 held up · 1 ended');
  });

  it('says of a lane its rows, its samples and what deviated', () => {
    expect(laneFacts(aLane('A'))).toBe('100 rows');
    expect(laneFacts(aLane('A', { samples: 12 }))).toBe('12 of 100 rows');
    expect(laneFacts(aLane('A', { samples: 12, deviations: 2 }))).toBe('12 of 100 rows · 2 deviations');
    expect(laneFacts(aLane('A', { samples: 0, withoutSamples: 'sold' }))).toBe('0 of 100 rows · without samples: sold');
    expect(laneLook(aLane('A', { status: 'finished' })).word).toBe('finished');
  });
});

describe('what a phase waits for', () => {
  const known = { newest: null, populationReady: true, nameOf: (id: string) => id.toUpperCase() };
  const says = (line: Parameters<typeof nextStep>[1], report = aReport(), more: Partial<typeof known> = {}) =>
    nextStep(report, line, { ...known, ...more });

  it('has a sentence for each phase in each state', () => {
    for (const { slug, scope } of phases) {
      for (const state of phaseStatuses) {
        const sentence = says(aLine(slug, scope === 'lob' ? 'A' : null, { state, reason: 'why' }));
        expect(sentence, `${slug} ${state}`).toMatch(/^[A-Z].*\.$/u);
      }
    }
  });

  it('names the phases before it that are open, and the other branch as well', () => {
    const report = aReport({ 'sample-selection': done }, [aLane('A')]);
    expect(says(aLine('request-info', 'A'), report)).toBe('It begins by itself after data owner identification.');
    expect(says(aLine('test-report'), report)).toBe('It begins by itself after observations.');
  });

  it('says first that a step of it failed for good, and who settles it', () => {
    const assignments = [{ personId: 'mara', role: 'test-manager' as const }];
    const failed = aCompensation({ phase: 'observations', lob: 'A', job: 'settle-review' });
    const report = aReport({}, [aLane('A'), aLane('B')], { assignments, compensations: [failed] });
    const line = (lob: string) => aLine('observations', lob, { state: 'in-review' });
    expect(says(line('A'), report)).toBe('Carrying out the review failed for good: MARA says how it goes on.');
    expect(says(line('B'), report)).toBe('It waits for its review.');
    const both = { ...report, compensations: [failed, { ...failed, compensationId: 'other' }] };
    expect(says(line('A'), both)).toBe('2 steps failed for good: MARA says how it goes on.');
    expect(says(line('A'), { ...report, compensations: [{ ...failed, state: 'settled' }] })).toBe(says(line('B')));
  });

  it('does not wait for a lane that was cancelled', () => {
    const lanes = [aLane('A'), aLane('B', { status: 'cancelled' })];
    expect(says(aLine('test-report'), aReport({ 'observations/A': done }, lanes))).toBe(
      'It begins by itself in a moment.',
    );
  });

  it('asks for the population where nothing can be proposed without it', () => {
    const skipped = { state: 'skipped' } as const;
    const early = aReport({ planning: skipped, 'data-profiling': skipped, scoping: skipped });
    expect(says(aLine('sample-selection'), early, { populationReady: false })).toContain('A population has to be');
    const line = aLine('planning', null, { state: 'in-work' });
    expect(says(line, aReport(), { populationReady: false })).toContain('A population has to be imported first');
    expect(says(line)).toContain('Countersign is working out the attributes');
    const draft = { newest: { number: 1, status: 'draft' as const } };
    expect(nextStep(aReport(), line, { ...known, ...draft })).toContain('Version 1 is a draft: a tester');
  });

  it('tells a rejection from the last revision apart, and a skip with its reason', () => {
    const rejected = aLine('scoping', null, { state: 'rejected', outcome: 'MaxRevisionsExceeded' });
    expect(says(rejected)).toContain('Rejected after the last revision.');
    expect(says(aLine('scoping', null, { state: 'skipped', reason: 'done last year' }))).toBe(
      'Skipped: done last year. The test report discloses it.',
    );
  });
});

describe('what was done in a phase', () => {
  const entry = (versionId: string | null, detail: Record<string, string | null>, kind = 'phase.opened') => {
    return { kind, versionId, detail };
  };
  const entries = [
    entry(null, { phase: 'observations', lob: 'A' }),
    entry(null, { phase: 'observations', lob: 'B' }),
    entry(null, { phase: 'observations', lob: null }),
    entry('v-own', {}),
    entry('v-other', {}),
    entry(null, { phase: 'planning', lob: null }),
  ];

  it('is what names it, what was said of all lines of business, and what is about its versions', () => {
    const own = entriesOf(entries, { phase: 'observations', lob: 'A' }, [{ versionId: 'v-own' }]);
    expect(own).toEqual([entries[0], entries[2], entries[3]]);
  });

  it.each([
    ['owner.assign', {}, 'data-owner-id', null],
    ['sample.plan', { planId: 'p' }, 'sample-selection', null],
    ['document.submit', { lob: 'A' }, 'request-info', 'A'],
    ['test.record', { lob: 'A' }, 'test-execution', 'A'],
    ['evidence.values', { lob: 'A' }, 'test-execution', 'A'],
  ] as const)('is what only this phase has, although %s does not name it', (kind, detail, phase, lob) => {
    const own = entry(null, detail, kind);
    expect(entriesOf([...entries, own, entry(null, { lob: 'B' }, kind)], { phase, lob }, [])).toContain(own);
    if (lob !== null) expect(entriesOf([entry(null, { lob: 'B' }, kind)], { phase, lob }, [])).toEqual([]);
  });
});
