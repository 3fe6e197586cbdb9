// What a pause does to deadlines: of the report, of a line of business, and of both at once.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperationBody } from '../../../domain/operation.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import { expirePhase } from '../../../worker/store/phase-line.ts';
import { withOpen } from '../../builders.ts';
import { inLanes, laneOf } from './lanes.ts';
import { openSteering, reportId, said } from './steering.ts';
import type { Steering } from './steering.ts';

let world: Steering;
beforeEach(async () => {
  world = await openSteering();
});
afterEach(() => world.test.close());

describe('deadlines in a pause', () => {
  const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 10, 23, hour, minute)).toISOString();
  const act = async (when: string, by: OperationBody) => {
    world.stopAt(when);
    const receipt = await world.send('mara', by);
    expect(said(receipt)).toBe('applied');
  };
  const pause = (when: string) => act(when, { kind: 'report.control', reportId, act: 'pause', reason: 'ill' });
  const resume = (when: string) => act(when, { kind: 'report.control', reportId, act: 'resume', reason: 'well' });
  const lob = (when: string, what: 'pause' | 'resume', name = laneOf) =>
    act(when, { kind: 'lob.control', reportId, lob: name, act: what, reason: 'ill' });
  const deadline = (when: string, phase: PhaseSlug, dueAt: string, name: string | null = null) =>
    act(when, {
      ...{ kind: 'deadline.set', reportId, phase, lob: name, dueAt, remindBeforeSeconds: 3_600, reason: 'quarter end' },
    });
  const times = async (phase: PhaseSlug, name: string | null = null) => {
    const { dueAt, remindAt } = await world.line(phase, name);
    return [dueAt, remindAt];
  };

  it('move by as long as the report was paused', async () => {
    world.stopAt(at(8));
    await withOpen(world.test, 'planning');
    await deadline(at(8), 'planning', at(18));
    await pause(at(10));
    await resume(at(13, 30));
    expect(await times('planning')).toEqual([at(21, 30), at(20, 30)]);
  });

  it('move only by what was left of the pause when they were set', async () => {
    world.stopAt(at(8));
    await withOpen(world.test, 'planning');
    await pause(at(10));
    await deadline(at(12), 'planning', at(18));
    await resume(at(13));
    expect(await times('planning')).toEqual([at(19), at(18)]);
  });

  it('that passed before stay where they are', async () => {
    world.stopAt(at(8));
    await withOpen(world.test, 'planning');
    await deadline(at(8), 'planning', at(9));
    world.stopAt(at(9));
    await expirePhase(world.test.store, reportId, 'planning', null, world.test.clock);
    await pause(at(10));
    await resume(at(12));
    expect(await world.line('planning')).toMatchObject({ dueAt: at(9), expiredAt: at(9), outcome: 'expired' });
  });

  it('of phases that have not begun stay where they are', async () => {
    world.stopAt(at(8));
    await withOpen(world.test, 'planning');
    await deadline(at(8), 'scoping', at(18));
    await pause(at(10));
    await resume(at(12));
    expect(await times('scoping')).toEqual([at(18), at(17)]);
  });

  describe('of a line of business', () => {
    beforeEach(async () => {
      world.stopAt(at(7));
      await inLanes(world.test);
      await deadline(at(8), 'request-info', at(18), laneOf);
      await deadline(at(8), 'request-info', at(18), 'lob 1');
    });

    it('move by its own pause, and those of the others do not', async () => {
      await lob(at(10), 'pause');
      expect(await world.lane()).toMatchObject({ status: 'paused', pausedAt: at(10), reason: 'ill' });
      await lob(at(12), 'resume');
      expect(await times('request-info', laneOf)).toEqual([at(20), at(19)]);
      expect(await times('request-info', 'lob 1')).toEqual([at(18), at(17)]);
      expect(await world.lane()).not.toHaveProperty('pausedAt');
    });

    it.each<[string, readonly (readonly ['pause' | 'resume', 'report' | 'lob', number])[], number, number]>([
      [
        'inside the pause of the report',
        [
          ['pause', 'report', 9],
          ['pause', 'lob', 10],
          ['resume', 'lob', 11],
          ['resume', 'report', 12],
        ],
        3,
        3,
      ],
      [
        'around the pause of the report',
        [
          ['pause', 'lob', 9],
          ['pause', 'report', 10],
          ['resume', 'report', 11],
          ['resume', 'lob', 12],
        ],
        3,
        1,
      ],
      [
        'begun before the report and ended before it',
        [
          ['pause', 'lob', 9],
          ['pause', 'report', 10],
          ['resume', 'lob', 11],
          ['resume', 'report', 13],
        ],
        4,
        3,
      ],
      [
        'begun after the report and ended after it',
        [
          ['pause', 'report', 9],
          ['pause', 'lob', 10],
          ['resume', 'report', 11],
          ['resume', 'lob', 13],
        ],
        4,
        2,
      ],
    ])('move once by all of the time that its pause took %s', async (_what, acts, ownHours, otherHours) => {
      for (const [what, of, hour] of acts) {
        if (of === 'lob') await lob(at(hour), what);
        else await (what === 'pause' ? pause(at(hour)) : resume(at(hour)));
      }
      expect((await world.lane()).status).toBe('running');
      expect(await times('request-info', laneOf)).toEqual([at(18 + ownHours), at(17 + ownHours)]);
      expect(await times('request-info', 'lob 1')).toEqual([at(18 + otherHours), at(17 + otherHours)]);
    });
  });
});
