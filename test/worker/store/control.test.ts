// Steering from outside the phases: starting, pausing, resuming and cancelling; lines of business, skips and deadlines.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LobState, PhaseState, Report } from '../../../domain/change.ts';
import { targetOf } from '../../../domain/operation.ts';
import type { LobSource, OperationBody, Receipt, SignedOperation } from '../../../domain/operation.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { ColumnProfile } from '../../../domain/population.ts';
import { stepsDue } from '../../../domain/flow.ts';
import { applyOperations } from '../../../worker/store/apply.ts';
import { recordPopulation } from '../../../worker/store/follow-up.ts';
import { expirePhase, readFlow, remindPhase, setProblem } from '../../../worker/store/phase-line.ts';
import { lineOf } from '../../../worker/store/reports.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import {
  advance,
  carryOut,
  handedIn,
  namedLobs,
  openTestStore,
  proposed,
  proposedItem,
  readyPopulation,
  startedReport,
  testPopulationHash,
  withOpen,
  withProposed,
  withReport,
} from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';
import { inLanes, laneOf, reportOf, sent } from './lanes.ts';

let test: TestStore;
/** Set, it stops the clock of the store there. */
let stoppedAt: string | null;
beforeEach(async () => {
  stoppedAt = null;
  const made = await openTestStore();
  const { clock } = made;
  test = { ...made, clock: () => stoppedAt ?? clock() };
  test.send = (operations, target) => {
    const [first] = operations as SignedOperation[];
    if (!first) throw new Error('nothing to send');
    const incoming = operations.map((raw) => ({ raw, receivedAt: test.clock() }));
    return applyOperations(test.store, target ?? targetOf(first.operation.body), incoming, test.clock);
  };
});
afterEach(() => test.close());

const said = (receipt: Receipt) => `${receipt.state} ${receipt.reason?.code ?? ''}`.trim();
const reportId = 'report-0001';
const report = (): Promise<Report> => reportOf(test, reportId);
const line = async (phase: PhaseSlug, lob: string | null = null): Promise<PhaseState> => {
  const found = lineOf(await report(), { phase, lob });
  if (!found) throw new Error(`no line ${phase}`);
  return found;
};
const lane = async (lob = laneOf): Promise<LobState> => {
  const found = (await report()).lobs.find((row) => row.lob === lob);
  if (!found) throw new Error(`no lane ${lob}`);
  return found;
};
const summaries = async (id = reportId) => (await readLedger(test.store, id)).map((entry) => entry.summary);
const newsOf = async (kind: string): Promise<string[]> => {
  const rows = await test.store.db.selectFrom('notifications').selectAll().orderBy('person_id').execute();
  return rows
    .filter((row) => row.notification_text.includes(`"kind":"${kind}"`))
    .map((row) => `${row.person_id}: ${(JSON.parse(row.notification_text) as { text: string }).text}`);
};

/** Sends one operation and answers with what it asks the workflow for. */
async function followed(by: TestPerson, body: OperationBody) {
  const { followUps } = await test.send([test.laptops[by].operation(body)]);
  return followUps;
}

type Start = Extract<OperationBody, { kind: 'cycle.start' }>['reports'][number];

describe('a cycle', () => {
  const start = (over: Partial<Start> = {}, by: TestPerson = 'mara') =>
    sent(test, by, {
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
    expect(await report()).toMatchObject({
      ...{ lobSource: lobs, deadlines, lobs: [], paused: null, ended: null },
      skips: [{ phase: 'data-profiling', lob: null, reason: 'done last month', by: 'mara' }],
    });
    expect((await summaries())[0]).toBe(
      'started the cycle "Cycle 2026 Q4" and this report with Tara Tester as tester, Mara Manager as test manager; ' +
        'lines of business: the values of REGION; to skip: Data profiling (done last month); 1 phase with a deadline',
    );
  });

  it('begins with all phases of the whole report, none of them begun', async () => {
    await start();
    const { phases } = await report();
    expect(phases.map((row) => row.phase)).toEqual([
      ...['planning', 'data-profiling', 'scoping', 'sample-selection', 'data-owner-id', 'test-report'],
    ]);
    expect(phases.every((row) => row.state === 'not-started' && row.lob === null)).toBe(true);
  });

  it('opens its phases with the deadlines that it was started with', async () => {
    await start({ deadlines: [{ phase: 'planning', dueAfterSeconds: 3_600, remindBeforeSeconds: 600 }] });
    await advance(test, reportId);
    const { openedAt, dueAt, remindAt } = await line('planning');
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
    expect(await test.store.db.selectFrom('reports').selectAll().execute()).toEqual([]);
  });
});

describe('a report', () => {
  const control = (act: 'pause' | 'resume' | 'cancel', by: TestPerson = 'mara') =>
    sent(test, by, { kind: 'report.control', reportId, act, reason: 'the auditor is ill' });

  it('is paused and resumed by its test manager, and its workflow is told', async () => {
    await withOpen(test, 'planning');
    const pause: OperationBody = { kind: 'report.control', reportId, act: 'pause', reason: 'holidays' };
    expect(await followed('mara', pause)).toEqual([{ kind: 'wake', reportId, lob: null }]);
    expect((await report()).paused).toMatchObject({ reason: 'holidays' });
    expect((await line('planning')).waitingFor).toEqual([]);
    const flow = await readFlow(test.store.db, reportId, null);
    expect(flow.paused).toBe(true);
    expect(stepsDue(flow, '2030-01-01T00:00:00.000Z')).toEqual([]);
    expect(said(await control('resume'))).toBe('applied');
    expect((await report()).paused).toBeNull();
    expect((await line('planning')).waitingFor).toEqual(['otto', 'tara']);
    expect((await summaries()).slice(-2)).toEqual([
      'paused this report: holidays',
      'resumed this report: the auditor is ill',
    ]);
  });

  it('that is paused takes nothing but what a manager decides about it', async () => {
    await withOpen(test, 'planning');
    await control('pause');
    const submit: OperationBody = {
      ...{ kind: 'lobs.set', reportId, source: { kind: 'none' } },
    };
    const receipt = await sent(test, 'tara', submit);
    expect(said(receipt)).toBe('refused paused');
    expect(receipt.reason?.message).toBe('this report is paused (the auditor is ill): a test manager can resume it');
    const skip: OperationBody = { kind: 'phase.skip', reportId, phase: 'scoping', lob: null, reason: 'agreed' };
    expect(said(await sent(test, 'mara', skip))).toBe('applied');
    const assign: OperationBody = {
      kind: 'assignment.set',
      reportId,
      personId: 'nina',
      role: 'report-owner',
      assigned: true,
    };
    expect(said(await sent(test, 'mara', assign))).toBe('applied');
  });

  it('is cancelled for good: nobody is waited for, everybody who belongs to it is told once', async () => {
    await withOpen(test, 'planning');
    expect(said(await control('cancel'))).toBe('applied');
    expect((await report()).ended).toMatchObject({ reason: 'the auditor is ill' });
    expect((await line('planning')).waitingFor).toEqual([]);
    expect((await readFlow(test.store.db, reportId, null)).over).toBe(true);
    const told = (await newsOf('ended')).map((text) => text.split(': ')[0]);
    expect(told).toEqual(['dana', 'lena', 'olga', 'otto', 'tara']);
    expect((await newsOf('ended'))[0]).toBe('dana: "Credit card accounts" was cancelled: the auditor is ill');
    expect(said(await control('resume'))).toBe('refused out-of-turn');
    expect(await summaries()).toContain('cancelled this report: the auditor is ill');
  });

  it('that is paused can be cancelled', async () => {
    await withOpen(test, 'planning');
    await control('pause');
    expect(said(await control('cancel'))).toBe('applied');
    expect(await report()).toMatchObject({ paused: null, ended: { reason: 'the auditor is ill' } });
  });

  it('is not paused twice, and not resumed when it goes on', async () => {
    await withOpen(test, 'planning');
    const resumed = await control('resume');
    expect(said(resumed)).toBe('refused out-of-turn');
    expect(resumed.reason?.message).toBe('this report is not paused');
    await control('pause');
    expect((await control('pause')).reason?.message).toMatch(/^this report is paused already, since 2026-11-21/);
  });

  it('is controlled by a test manager who is assigned to it', async () => {
    await withOpen(test, 'planning');
    expect(said(await control('pause', 'tara'))).toBe('refused role');
    expect(said(await control('pause', 'lena'))).toBe('refused role');
    expect(said(await control('cancel', 'olga'))).toBe('refused role');
  });
});

describe('all reports of a cycle', () => {
  const cycleId = 'cycle-0001';
  const others = ['report-0002', 'report-0003'];
  beforeEach(async () => {
    await sent(test, 'mara', {
      ...{ kind: 'cycle.start', cycleId, name: 'Cycle' },
      reports: [reportId, ...others].map((id) => ({
        ...{ reportId: id, name: `Report ${id}`, lobs: null, skips: [], deadlines: [], dueAt: null },
        assignments: [{ personId: 'tara', role: 'tester' as const }],
      })),
    });
  });
  const control = (act: 'pause' | 'resume' | 'cancel', by: TestPerson = 'mara', id = cycleId) =>
    sent(test, by, { kind: 'cycle.control', cycleId: id, act, reason: 'a merger' });

  it('are paused together, each with an entry in its ledger, and their workflows are told', async () => {
    const body: OperationBody = { kind: 'cycle.control', cycleId, act: 'pause', reason: 'a merger' };
    expect(await followed('mara', body)).toEqual([{ kind: 'wake-reports', reportIds: [reportId, ...others] }]);
    for (const id of [reportId, ...others]) {
      expect((await reportOf(test, id)).paused).toMatchObject({ reason: 'a merger' });
      expect((await summaries(id)).at(-1)).toBe('paused this report with its cycle: a merger');
    }
  });

  it('are reached as far as the act can reach them', async () => {
    await sent(test, 'mara', { kind: 'report.control', reportId: others[0] ?? '', act: 'cancel', reason: 'sold' });
    await sent(test, 'mara', { kind: 'report.control', reportId, act: 'pause', reason: 'ill' });
    const body: OperationBody = { kind: 'cycle.control', cycleId, act: 'pause', reason: 'a merger' };
    expect(await followed('mara', body)).toEqual([{ kind: 'wake-reports', reportIds: ['report-0003'] }]);
    expect((await report()).paused).toMatchObject({ reason: 'ill' });
    const again = await control('pause');
    expect(said(again)).toBe('refused out-of-turn');
    expect(again.reason?.message).toMatch(
      /^no report of this cycle can be paused: "Report report-0001": this report is paused already, since .*; "Report report-0002": this report is over already: sold; /,
    );
  });

  it('are cancelled together', async () => {
    expect(said(await control('cancel'))).toBe('applied');
    expect((await report()).ended).toMatchObject({ reason: 'a merger' });
    expect(await newsOf('ended')).toHaveLength(3);
    expect(said(await control('cancel'))).toBe('refused out-of-turn');
  });

  it('are controlled by test managers only, and have to be there', async () => {
    expect(said(await control('pause', 'tara'))).toBe('refused role');
    expect(said(await control('pause', 'mara', 'cycle-9999'))).toBe('refused not-found');
  });
});

describe('deadlines in a pause', () => {
  const at = (hour: number, minute = 0) => new Date(Date.UTC(2026, 10, 23, hour, minute)).toISOString();
  const act = async (when: string, by: OperationBody) => {
    stoppedAt = when;
    const receipt = await sent(test, 'mara', by);
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
    const { dueAt, remindAt } = await line(phase, name);
    return [dueAt, remindAt];
  };

  it('move by as long as the report was paused', async () => {
    stoppedAt = at(8);
    await withOpen(test, 'planning');
    await deadline(at(8), 'planning', at(18));
    await pause(at(10));
    await resume(at(13, 30));
    expect(await times('planning')).toEqual([at(21, 30), at(20, 30)]);
  });

  it('move only by what was left of the pause when they were set', async () => {
    stoppedAt = at(8);
    await withOpen(test, 'planning');
    await pause(at(10));
    await deadline(at(12), 'planning', at(18));
    await resume(at(13));
    expect(await times('planning')).toEqual([at(19), at(18)]);
  });

  it('that passed before stay where they are', async () => {
    stoppedAt = at(8);
    await withOpen(test, 'planning');
    await deadline(at(8), 'planning', at(9));
    stoppedAt = at(9);
    await expirePhase(test.store, reportId, 'planning', null, test.clock);
    await pause(at(10));
    await resume(at(12));
    expect(await line('planning')).toMatchObject({ dueAt: at(9), expiredAt: at(9), outcome: 'expired' });
  });

  it('of phases that have not begun stay where they are', async () => {
    stoppedAt = at(8);
    await withOpen(test, 'planning');
    await deadline(at(8), 'scoping', at(18));
    await pause(at(10));
    await resume(at(12));
    expect(await times('scoping')).toEqual([at(18), at(17)]);
  });

  describe('of a line of business', () => {
    beforeEach(async () => {
      stoppedAt = at(7);
      await inLanes(test);
      await deadline(at(8), 'request-info', at(18), laneOf);
      await deadline(at(8), 'request-info', at(18), 'lob 1');
    });

    it('move by its own pause, and those of the others do not', async () => {
      await lob(at(10), 'pause');
      expect(await lane()).toMatchObject({ status: 'paused', pausedAt: at(10), reason: 'ill' });
      await lob(at(12), 'resume');
      expect(await times('request-info', laneOf)).toEqual([at(20), at(19)]);
      expect(await times('request-info', 'lob 1')).toEqual([at(18), at(17)]);
      expect(await lane()).not.toHaveProperty('pausedAt');
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
      expect((await lane()).status).toBe('running');
      expect(await times('request-info', laneOf)).toEqual([at(18 + ownHours), at(17 + ownHours)]);
      expect(await times('request-info', 'lob 1')).toEqual([at(18 + otherHours), at(17 + otherHours)]);
    });
  });
});

describe('a line of business', () => {
  const control = (act: 'add' | 'pause' | 'resume' | 'cancel', lob = laneOf, by: TestPerson = 'mara') =>
    sent(test, by, { kind: 'lob.control', reportId, lob, act, reason: 'a merger' });

  it('that is paused rests while the others go on, and its workflow is told', async () => {
    await inLanes(test);
    const body: OperationBody = { kind: 'lob.control', reportId, lob: laneOf, act: 'pause', reason: 'ill' };
    expect(await followed('mara', body)).toEqual([
      { kind: 'wake', reportId, lob: null },
      { kind: 'wake', reportId, lob: laneOf },
    ]);
    expect((await readFlow(test.store.db, reportId, laneOf)).paused).toBe(true);
    expect((await readFlow(test.store.db, reportId, 'lob 1')).paused).toBe(false);
    expect((await line('request-info', laneOf)).waitingFor).toEqual([]);
    await control('resume');
    expect(await lane()).toMatchObject({ status: 'running', reason: '' });
    expect((await line('request-info', laneOf)).waitingFor).toEqual(['dana', 'otto', 'tara']);
  });

  it('that had not begun waits again when it is resumed', async () => {
    await withReport(test, reportId, { divided: true });
    const body: OperationBody = { kind: 'lob.control', reportId, lob: laneOf, act: 'pause', reason: 'ill' };
    // It has no workflow yet that could be told.
    expect(await followed('mara', body)).toEqual([{ kind: 'wake', reportId, lob: null }]);
    await control('resume');
    expect((await lane()).status).toBe('waiting');
  });

  it('is cancelled for good, and the report goes on without it', async () => {
    await inLanes(test);
    expect(said(await control('cancel'))).toBe('applied');
    expect(await lane()).toMatchObject({ status: 'cancelled', reason: 'a merger' });
    expect((await readFlow(test.store.db, reportId, laneOf)).over).toBe(true);
    expect((await line('request-info', laneOf)).waitingFor).toEqual([]);
    expect((await newsOf('ended'))[0]).toBe('dana: lob 0 of "Credit card accounts" was cancelled: a merger');
    for (const act of ['cancel', 'pause', 'resume'] as const) {
      expect((await control(act)).reason?.message).toBe('the line of business lob 0 is cancelled already');
    }
    await control('cancel', 'lob 1');
    await control('cancel', 'lob 2');
    await advance(test, reportId);
    expect((await line('test-report')).state).toBe('in-work');
  });

  it('that is cancelled takes its undecided versions with it', async () => {
    const { version } = await withProposed(test, 'observations', ['A']);
    const pending = await handedIn(test, version);
    await control('cancel', pending.lob ?? '');
    const row = await test.store.db
      .selectFrom('versions')
      .select('status')
      .where('version_id', '=', pending.versionId)
      .executeTakeFirstOrThrow();
    expect(row.status).toBe('superseded');
    expect((await readFlow(test.store.db, reportId, null)).pending).toEqual([]);
  });

  it('is added until the report is assembled; without a sample it skips testing', async () => {
    await inLanes(test);
    expect(said(await control('add', 'lob 7'))).toBe('applied');
    expect(await lane('lob 7')).toMatchObject({ status: 'waiting', rows: 0, samples: 0, reason: 'a merger' });
    expect((await report()).phases.filter((row) => row.lob === 'lob 7')).toHaveLength(3);
    await advance(test, reportId);
    expect(await lane('lob 7')).toMatchObject({ status: 'finished' });
    expect(await line('test-execution', 'lob 7')).toMatchObject({
      state: 'skipped',
      reason: 'no sample of this line of business was selected, so there is nothing to test',
    });
    for (const lob of ['lob 0', 'lob 1', 'lob 2']) await control('cancel', lob);
    await advance(test, reportId);
    const late = await control('add', 'lob 8');
    expect(said(late)).toBe('refused out-of-turn');
    expect(late.reason?.message).toBe('Test report has begun: a line of business can be added only before that');
  });

  it('that is added before the sample is settled has no samples yet', async () => {
    await withReport(test, reportId, { divided: true });
    await control('add', 'lob 7');
    expect(await lane('lob 7')).toMatchObject({ status: 'waiting', samples: null });
  });

  it('is added with as many rows as the profile counts of its value', async () => {
    await withReport(test, reportId, { divided: true });
    await imported([column('LOB', { distinct: 2, frequent: [{ value: 'lob 7', count: 70 }] })]);
    await control('add', 'lob 7');
    expect((await lane('lob 7')).rows).toBe(70);
  });

  it.each<[string, 'add' | 'pause' | 'resume', string, string]>([
    ['is there already', 'add', laneOf, 'the line of business lob 0 is there already'],
    ['does not exist', 'pause', 'lob 9', 'this report has no line of business "lob 9": it has lob 0, lob 1, lob 2'],
    ['goes on', 'resume', laneOf, 'the line of business lob 0 is not paused'],
  ])('that %s cannot be the aim of it', async (_what, act, lob, message) => {
    await withReport(test, reportId, { divided: true });
    expect((await control(act, lob)).reason?.message).toBe(message);
  });

  it('is not added before they are recorded, nor to a report that is not divided', async () => {
    await startedReport(test, reportId);
    expect((await control('add', 'x')).reason?.message).toMatch(/not recorded yet: choose them instead/);
    await namedLobs(test, reportId, { divided: false });
    expect((await control('add', 'x')).reason?.message).toMatch(/not divided/);
  });

  it('is controlled by a test manager', async () => {
    await withReport(test, reportId, { divided: true });
    for (const act of ['add', 'pause', 'cancel'] as const) {
      expect(said(await control(act, act === 'add' ? 'x' : laneOf, 'lena'))).toBe('refused role');
    }
  });
});

function column(name: string, over: Partial<ColumnProfile> = {}): ColumnProfile {
  const [plain] = readyPopulation(9).columns;
  return { ...(plain as ColumnProfile), name, ...over };
}

async function imported(columns: ColumnProfile[]): Promise<void> {
  const body = { kind: 'population.import', reportId, fileHash: testPopulationHash, keyColumn: null } as const;
  const operation = test.laptops.tara.operation({ ...body, fileSize: 9, fileName: 'accounts.csv' });
  await test.send([operation]);
  const { operationId } = operation.operation;
  const state = { ...readyPopulation(100), columns };
  const found = { operationId, reportId, populationHash: testPopulationHash, state };
  await recordPopulation(test.store, found, test.clock);
}

describe('the source of the lines of business', () => {
  const regions = [
    { value: 'North', count: 60 },
    { value: 'South', count: 40 },
  ];
  const choose = (source: LobSource, by: TestPerson = 'tara') => sent(test, by, { kind: 'lobs.set', reportId, source });
  beforeEach(async () => {
    await startedReport(test, reportId, { lobs: null });
  });
  const ready = () =>
    imported([
      column('REGION', { distinct: 2, frequent: regions }),
      column('NUMBER', { distinct: 5_000, frequent: [] }),
      column('BRANCH', { distinct: 30, frequent: regions, blanks: 1 }),
    ]);

  it('is chosen by a tester, and the workflow is told', async () => {
    await ready();
    const source: LobSource = { kind: 'list', column: 'REGION', names: ['North'] };
    expect(await followed('tara', { kind: 'lobs.set', reportId, source })).toEqual([
      { kind: 'wake', reportId, lob: null },
    ]);
    expect((await report()).lobSource).toEqual(source);
    expect((await summaries()).at(-1)).toBe('chose the lines of business: North of REGION');
  });

  it('may be chosen anew until they are recorded', async () => {
    await ready();
    expect(said(await choose({ kind: 'column', column: 'REGION' }))).toBe('applied');
    expect(said(await choose({ kind: 'none' }))).toBe('applied');
    await namedLobs(test, reportId, { divided: false });
    const late = await choose({ kind: 'column', column: 'REGION' });
    expect(said(late)).toBe('refused out-of-turn');
    expect(late.reason?.message).toMatch(/are recorded: a test manager can add one/);
  });

  it('solves the problem that they could not be named', async () => {
    await ready();
    await sent(test, 'mara', { kind: 'phase.skip', reportId, phase: 'planning', lob: null, reason: 'x' });
    await sent(test, 'mara', { kind: 'phase.skip', reportId, phase: 'data-profiling', lob: null, reason: 'x' });
    await sent(test, 'mara', { kind: 'phase.skip', reportId, phase: 'scoping', lob: null, reason: 'x' });
    await advance(test, reportId);
    await setProblem(test.store, reportId, 'nobody chose the lines of business', test.clock);
    const naming = async () => stepsDue(await readFlow(test.store.db, reportId, null), test.clock()).map((s) => s.kind);
    expect(await naming()).not.toContain('name-lobs');
    await choose({ kind: 'column', column: 'REGION' });
    expect((await report()).problem).toBeNull();
    expect(await naming()).toContain('name-lobs');
  });

  it('leaves a problem that is not about it', async () => {
    await ready();
    await advance(test, reportId);
    await setProblem(test.store, reportId, 'the file has no columns', test.clock);
    await choose({ kind: 'column', column: 'REGION' });
    expect((await report()).problem).toBe('the file has no columns');
  });

  it.each<[string, LobSource, string, RegExp]>([
    [
      'a column that does not exist',
      { kind: 'column', column: 'LAND' },
      'not-found',
      /no column "LAND"; it has REGION, NUMBER/,
    ],
    [
      'a column of too many values',
      { kind: 'column', column: 'NUMBER' },
      'malformed',
      /5,000 different values and a report at most 100/,
    ],
    [
      'a value that does not exist',
      { kind: 'list', column: 'REGION', names: ['North', 'East'] },
      'not-found',
      /no value "East"; it has North, South/,
    ],
    [
      'a value twice',
      { kind: 'list', column: 'REGION', names: ['North', 'North'] },
      'malformed',
      /North is named twice/,
    ],
    ['no value', { kind: 'list', column: 'REGION', names: [''] }, 'malformed', /needs a name/],
  ])('is refused for %s', async (_what, source, code, message) => {
    await ready();
    const receipt = await choose(source);
    expect(receipt.reason?.code).toBe(code);
    expect(receipt.reason?.message).toMatch(message);
    expect((await report()).lobSource).toBeNull();
  });

  it('may name values that the profile does not list, where it does not list all', async () => {
    await ready();
    expect(said(await choose({ kind: 'list', column: 'BRANCH', names: ['Harbour', '(none)'] }))).toBe('applied');
  });

  it('waits for the population, and is not for owners to choose', async () => {
    expect(said(await choose({ kind: 'column', column: 'REGION' }))).toBe('refused population-not-ready');
    await ready();
    expect(said(await choose({ kind: 'none' }, 'olga'))).toBe('refused role');
  });
});

describe('skipping', () => {
  const skip = (phase: PhaseSlug, lob: string | null = null, by: TestPerson = 'mara') =>
    sent(test, by, { kind: 'phase.skip', reportId, phase, lob, reason: 'agreed with the owner' });

  it('an open phase leaves it out at once, and the report discloses why', async () => {
    await withOpen(test, 'planning');
    expect(said(await skip('planning'))).toBe('applied');
    expect((await report()).skips).toEqual([
      { phase: 'planning', lob: null, reason: 'agreed with the owner', by: 'mara' },
    ]);
    await advance(test, reportId);
    expect(await line('planning')).toMatchObject({
      ...{ state: 'skipped', outcome: 'skipped', reason: 'agreed with the owner' },
    });
  });

  it('a phase that has not begun waits for its turn', async () => {
    await withOpen(test, 'planning');
    await skip('data-profiling');
    await advance(test, reportId);
    expect((await line('data-profiling')).state).toBe('not-started');
    await skip('planning');
    await advance(test, reportId);
    expect((await line('data-profiling')).state).toBe('skipped');
  });

  it('a phase of one line of business leaves the others as they are, and tells its workflow', async () => {
    await inLanes(test);
    const body: OperationBody = {
      kind: 'phase.skip',
      reportId,
      phase: 'request-info',
      lob: laneOf,
      reason: 'none exist',
    };
    expect(await followed('mara', body)).toEqual([
      { kind: 'wake', reportId, lob: null },
      { kind: 'wake', reportId, lob: laneOf },
    ]);
    await advance(test, reportId);
    expect((await line('request-info', laneOf)).state).toBe('skipped');
    expect((await line('request-info', 'lob 1')).state).toBe('in-work');
  });

  it('a phase of lines of business without naming one means all of them, also before they are recorded', async () => {
    await startedReport(test, reportId);
    expect(said(await skip('observations'))).toBe('applied');
    expect(said(await skip('observations'))).toBe('refused out-of-turn');
    expect(said(await skip('observations', 'lob 0'))).toBe('refused out-of-turn');
  });

  it('tells the workflows of all lines of business that it is about', async () => {
    await inLanes(test);
    const body: OperationBody = {
      kind: 'phase.skip',
      reportId,
      phase: 'request-info',
      lob: null,
      reason: 'none exist',
    };
    expect((await followed('mara', body)).map((row) => 'lob' in row && row.lob)).toEqual([
      null,
      'lob 0',
      'lob 1',
      'lob 2',
    ]);
  });

  it('is refused where it cannot be, or is over', async () => {
    await withReport(test, reportId, { divided: true });
    expect((await skip('test-report')).reason?.message).toBe(
      'Test report cannot be skipped: it is what the cycle is for',
    );
    expect((await skip('planning')).reason?.message).toBe('Planning is to be skipped already');
    expect((await skip('request-info', 'lob 9')).reason?.code).toBe('not-found');
    expect((await skip('sample-selection', laneOf)).reason?.code).toBe('not-found');
    await sent(test, 'mara', { kind: 'lob.control', reportId, lob: laneOf, act: 'cancel', reason: 'sold' });
    expect((await skip('request-info', laneOf)).reason?.message).toBe('the line of business lob 0 was cancelled');
    expect(said(await skip('sample-selection', null, 'tara'))).toBe('refused role');
  });

  it('a completed phase is refused', async () => {
    await inLanes(test);
    expect((await skip('sample-selection')).reason?.message).toBe('Sample selection is completed already');
  });
});

describe('a deadline', () => {
  const set = (over: Partial<Extract<OperationBody, { kind: 'deadline.set' }>> = {}, by: TestPerson = 'mara') =>
    sent(test, by, {
      ...{ kind: 'deadline.set', reportId, phase: 'planning', lob: null, dueAt: '2026-12-01T12:00:00.000Z' },
      ...{ remindBeforeSeconds: 86_400, reason: 'quarter end' },
      ...over,
    });

  it('is set by a test manager, with a reminder before it', async () => {
    await withOpen(test, 'planning');
    expect(said(await set())).toBe('applied');
    expect(await line('planning')).toMatchObject({
      ...{ dueAt: '2026-12-01T12:00:00.000Z', remindAt: '2026-11-30T12:00:00.000Z', expiredAt: null },
    });
    expect((await summaries()).at(-1)).toBe('set the deadline 2026-12-01T12:00:00.000Z for Planning: quarter end');
  });

  it('of a phase that has not begun counts when it opens', async () => {
    await startedReport(test, reportId);
    await set();
    await advance(test, reportId);
    expect(await line('planning')).toMatchObject({ state: 'in-work', dueAt: '2026-12-01T12:00:00.000Z' });
  });

  it('revives a phase that expired: people can go on, and it is no rejection', async () => {
    await withOpen(test, 'planning');
    await set();
    await remindPhase(test.store, reportId, 'planning', null, () => '2026-11-30T12:00:00.000Z');
    await expirePhase(test.store, reportId, 'planning', null, () => '2026-12-01T12:00:00.000Z');
    const items = [proposedItem('planning', 'A')];
    const draft = await proposed(test, { reportId, phase: 'planning', lob: null }, items);
    const submit: OperationBody = {
      ...{ kind: 'version.submit', reportId, versionId: draft.versionId, edits: [], note: '' },
    };
    expect(said(await sent(test, 'tara', submit))).toBe('refused expired');
    expect(await line('planning')).toMatchObject({ outcome: 'expired', waitingFor: ['mara'] });
    stoppedAt = '2026-12-01T13:00:00.000Z';
    expect(said(await set({ dueAt: '2026-12-05T12:00:00.000Z', remindBeforeSeconds: 0 }))).toBe('applied');
    expect(await line('planning')).toMatchObject({
      ...{ state: 'in-work', outcome: null, expiredAt: null, remindedAt: null, remindAt: null },
      waitingFor: ['otto', 'tara'],
    });
    expect(said(await sent(test, 'tara', submit))).toBe('applied');
  });

  it('that is extended shows again how the phase was rejected before it expired', async () => {
    const { version } = await withProposed(test, 'scoping', ['A']);
    const pending = await handedIn(test, version);
    const { followUps } = await test.send([
      test.laptops.olga.operation({
        ...{ kind: 'review.submit', reportId, versionId: pending.versionId, verdict: 'rejected', note: 'all wrong' },
        seen: { approved: 0, rejected: 0, pending: 1 },
      }),
    ]);
    await carryOut(test, followUps);
    expect(await line('scoping')).toMatchObject({ state: 'rejected', outcome: 'VersionRejected' });
    await set({ phase: 'scoping' });
    await expirePhase(test.store, reportId, 'scoping', null, () => '2026-12-02T12:00:00.000Z');
    expect((await line('scoping')).outcome).toBe('expired');
    await set({ phase: 'scoping', dueAt: null });
    expect(await line('scoping')).toMatchObject({ state: 'rejected', outcome: 'VersionRejected', dueAt: null });
  });

  it('of all lines of business is set at once', async () => {
    await inLanes(test);
    const body: OperationBody = {
      ...{ kind: 'deadline.set', reportId, phase: 'request-info', lob: null, dueAt: '2026-12-01T12:00:00.000Z' },
      ...{ remindBeforeSeconds: 0, reason: 'quarter end' },
    };
    expect((await followed('mara', body)).map((row) => 'lob' in row && row.lob)).toEqual([
      null,
      'lob 0',
      'lob 1',
      'lob 2',
    ]);
    for (const lob of ['lob 0', 'lob 1', 'lob 2']) {
      expect((await line('request-info', lob)).dueAt).toBe('2026-12-01T12:00:00.000Z');
    }
  });

  it('is taken away for good, also from a phase that has not begun', async () => {
    const deadlines = [{ phase: 'planning' as const, dueAfterSeconds: 9, remindBeforeSeconds: 0 }];
    await startedReport(test, reportId, { deadlines });
    expect(said(await set({ dueAt: null }))).toBe('applied');
    await advance(test, reportId);
    expect(await line('planning')).toMatchObject({ state: 'in-work', dueAt: null });
    expect(await summaries()).toContain('took the deadline away from Planning: quarter end');
  });

  it('that all lines of business share is not taken away from one of them before it begins', async () => {
    const deadlines = [{ phase: 'test-execution' as const, dueAfterSeconds: 9, remindBeforeSeconds: 0 }];
    await startedReport(test, reportId, { lobs: { kind: 'column', column: 'LOB' }, deadlines });
    await namedLobs(test, reportId);
    const receipt = await set({ phase: 'test-execution', lob: laneOf, dueAt: null });
    expect(said(receipt)).toBe('refused out-of-turn');
    expect(receipt.reason?.message).toMatch(/is that of all lines of business: take it away for all of them/);
    expect(said(await set({ phase: 'test-execution', lob: null, dueAt: null }))).toBe('applied');
    expect((await report()).deadlines).toEqual([]);
  });

  it('is refused in the past, for what is over or not there, and for others than managers', async () => {
    await withReport(test, reportId, { divided: true });
    const past = await set({ phase: 'sample-selection', dueAt: '2026-11-21T07:00:00.000Z' });
    expect(said(past)).toBe('refused malformed');
    expect(past.reason?.message).toBe('the deadline 2026-11-21T07:00:00.000Z is over already: name a later one');
    expect((await set({ phase: 'planning' })).reason?.message).toBe('Planning is skipped already');
    expect((await set({ phase: 'request-info', lob: 'lob 9' })).reason?.code).toBe('not-found');
    expect(said(await set({ phase: 'sample-selection' }, 'tara'))).toBe('refused role');
  });

  it('of lines of business waits until they are recorded', async () => {
    await startedReport(test, reportId);
    expect((await set({ phase: 'request-info' })).reason?.message).toMatch(/not recorded yet: set this deadline when/);
  });
});

describe('whoever is assigned later', () => {
  it('is told what waits for them already', async () => {
    await withOpen(test, 'planning');
    const assign = (personId: string, role: 'tester' | 'report-owner'): OperationBody => ({
      ...{ kind: 'assignment.set', reportId, personId, role, assigned: true },
    });
    await sent(test, 'mara', assign('nina', 'report-owner'));
    expect((await newsOf('waiting-for-you')).filter((text) => text.startsWith('nina'))).toEqual([]);
    await sent(test, 'mara', assign('otto', 'report-owner'));
    expect((await newsOf('waiting-for-you')).filter((text) => text.startsWith('otto'))).toHaveLength(1);
    await sent(test, 'mara', { ...assign('otto', 'tester'), assigned: false } as OperationBody);
    await sent(test, 'mara', assign('otto', 'tester'));
    expect((await newsOf('waiting-for-you')).filter((text) => text.startsWith('otto'))).toEqual([
      'otto: Planning of "Credit card accounts" waits for you',
      'otto: Planning of "Credit card accounts" waits for you: you were assigned to it',
    ]);
  });
});

it('an operation of control that arrives twice acts once', async () => {
  await withOpen(test, 'planning');
  const operation = test.laptops.mara.operation({ kind: 'report.control', reportId, act: 'pause', reason: 'ill' });
  await test.send([operation]);
  const before = await report();
  await test.send([operation]);
  expect(await report()).toEqual(before);
  expect((await summaries()).filter((text) => text === 'paused this report: ill')).toHaveLength(1);
});
