// Starting a cycle: what a report begins with, and what is refused.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LobSource, OperationBody } from '../../../domain/operation.ts';
import { advance } from '../../builders.ts';
import type { TestPerson } from '../../builders.ts';
import { openSteering, reportId, said } from './steering.ts';
import type { Steering } from './steering.ts';

let world: Steering;
beforeEach(async () => {
  world = await openSteering();
});
afterEach(() => world.test.close());

type Start = Extract<OperationBody, { kind: 'cycle.start' }>['reports'][number];

describe('a cycle', () => {
  const start = (over: Partial<Start> = {}, by: TestPerson = 'mara') =>
    world.send(by, {
      ...{ kind: 'cycle.start', cycleId: 'cycle-0001', name: 'Cycle 2026 Q4' },
      reports: [
        {
          ...{ reportId, name: 'Accounts', lobs: null, skips: [], deadlines: [], dueAt: null },
          assignments: [{ personId: 'tara', role: 'tester' }],
          ...over,
        },
      ],
    });

  it('starts reports with their lines of business, skips and deadlines', async () => {
    const lobs: LobSource = { kind: 'column', column: 'REGION' };
    const deadlines = [{ phase: 'planning' as const, dueAfterSeconds: 3_600, remindBeforeSeconds: 600 }];
    const skips = [{ phase: 'data-profiling' as const, reason: 'done last month' }];
    expect(said(await start({ lobs, skips, deadlines }))).toBe('applied');
    expect(await world.report()).toMatchObject({
      ...{ lobSource: lobs, deadlines, lobs: [], paused: null, ended: null },
      skips: [{ phase: 'data-profiling', lob: null, reason: 'done last month', by: 'mara' }],
    });
    expect((await world.summaries())[0]).toBe(
      'started the cycle "Cycle 2026 Q4" and this report with Tara Tester as tester, Mara Manager as test manager; ' +
        'lines of business: the values of REGION; to skip: Data profiling (done last month); 1 phase with a deadline',
    );
  });

  it('begins with all phases of the whole report, none of them begun', async () => {
    await start();
    const { phases } = await world.report();
    expect(phases.map((row) => row.phase)).toEqual([
      ...['planning', 'data-profiling', 'scoping', 'sample-selection', 'data-owner-id', 'test-report'],
    ]);
    expect(phases.every((row) => row.state === 'not-started' && row.lob === null)).toBe(true);
  });

  it('opens its phases with the deadlines that it was started with', async () => {
    await start({ deadlines: [{ phase: 'planning', dueAfterSeconds: 3_600, remindBeforeSeconds: 600 }] });
    await advance(world.test, reportId);
    const { openedAt, dueAt, remindAt } = await world.line('planning');
    expect(Date.parse(dueAt ?? '') - Date.parse(openedAt ?? '')).toBe(3_600_000);
    expect(Date.parse(dueAt ?? '') - Date.parse(remindAt ?? '')).toBe(600_000);
  });

  it.each<[string, Partial<Start>, RegExp]>([
    [
      'skips what cannot be skipped',
      { skips: [{ phase: 'test-report', reason: 'short of time' }] },
      /cannot be skipped/,
    ],
    [
      'skips a phase twice',
      {
        skips: [
          { phase: 'planning', reason: 'a' },
          { phase: 'planning', reason: 'b' },
        ],
      },
      /planning of "Accounts" is named twice/,
    ],
    [
      'has two deadlines of a phase',
      {
        deadlines: [
          { phase: 'planning', dueAfterSeconds: 9, remindBeforeSeconds: 0 },
          { phase: 'planning', dueAfterSeconds: 8, remindBeforeSeconds: 0 },
        ],
      },
      /"Accounts": the deadline of planning is named twice/,
    ],
    [
      'reminds before the phase begins',
      { deadlines: [{ phase: 'planning', dueAfterSeconds: 9, remindBeforeSeconds: 10 }] },
      /before the phase began/,
    ],
    [
      'names a line of business twice',
      { lobs: { kind: 'list', column: 'A', names: ['x', 'y', 'x'] } },
      /x of "Accounts"/,
    ],
  ])('is refused when a report of it %s', async (_what, over, message) => {
    const receipt = await start(over);
    expect(said(receipt)).toBe('refused malformed');
    expect(receipt.reason?.message).toMatch(message);
    expect(await world.test.store.db.selectFrom('reports').selectAll().execute()).toEqual([]);
  });
});
