// The queue of a report's or a lane's workflow: what is begun when, in which order, and what is tried again. Without a server.
import { expect, test } from 'vitest';
import { phasesOf } from '../../domain/flow.ts';
import type { FlowLine, FlowState } from '../../domain/flow.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import {
  addWork,
  follow,
  hasEnded,
  isIdle,
  isMaking,
  newEngine,
  nextTurnMs,
  take,
  takeTurn,
  takeUp,
  workShown,
} from '../../worker/workflows/flow-engine.ts';
import type { Engine, Outcome } from '../../worker/workflows/flow-engine.ts';
import type { Work } from '../../worker/workflows/work.ts';
import type { FollowUp } from '../../worker/store/rules/rule.ts';

const reportId = 'report-0001';

function line(phase: PhaseSlug, lob: string | null, more: Partial<FlowLine> = {}): FlowLine {
  const clock = { remindAt: null, dueAt: null, reminded: false, expired: false };
  return { phase, lob, status: 'not-started', version: null, proposed: false, ...clock, ...more };
}

function flow(more: Partial<FlowState> = {}): FlowState {
  return {
    ...{ revision: 1, reportId, lob: null, paused: false, over: false, populationReady: true, lobsNamed: true },
    ...{ lobsProblem: false, lobs: [], pending: [], skips: [], mailsDue: false },
    lines: phasesOf('report').map((phase) => line(phase, null)),
    ...more,
  };
}

/** Planning is open and not proposed. */
const opened = (more: Partial<FlowState> = {}) =>
  flow({ lines: [line('planning', null, { status: 'in-work' })], ...more });

/** An engine with a clock of its own, and the jobs that it began. */
function engineOf(lob: string | null = null) {
  const clock = { nowMs: Date.parse('2026-11-21T08:00:00.000Z') };
  const notes: string[] = [];
  const begun: { key: string; cancelled: boolean; end(outcome: Outcome): Promise<void> }[] = [];
  const engine = newEngine({ lob, noted: (note) => void notes.push(note), nowMs: () => clock.nowMs });
  const begin = (work: Work) => {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const entry = {
      key: work.key,
      cancelled: false,
      async end(outcome: Outcome) {
        resolve(outcome);
        await promise;
        await Promise.resolve();
      },
    };
    begun.push(entry);
    const cancel = () => {
      entry.cancelled = true;
      resolve({ kind: 'cancelled' });
    };
    return { ended: promise, cancel };
  };
  const turn = () => takeTurn(engine, begin);
  const keys = () => begun.map((entry) => entry.key);
  const job = (key: string) => {
    const entry = begun.findLast((each) => each.key === key);
    if (!entry) throw new Error(`${key} was not begun`);
    return entry;
  };
  return { engine, clock, notes, turn, keys, job };
}

const done: Outcome = { kind: 'done', note: null };
const draw = (operationId: string): FollowUp => ({ kind: 'draw-sample', operationId, reportId, planId: 'plan-0001' });
const made = (operationId: string, phase: PhaseSlug, lob: string | null): FollowUp => ({
  ...{ kind: 'make-version', operationId, reportId, versionId: 'v-1' },
  ...{ phase, lob },
});
const shown = (engine: Engine) =>
  workShown(engine).map(({ kind, operationId, running }) => `${kind} ${operationId ?? '-'} ${running}`);

test('what one phase does is done one after the other; imports and other phases beside it', async () => {
  const { engine, turn, keys, job } = engineOf();
  const file: FollowUp = { kind: 'import-population', operationId: 'file', reportId, fileHash: 'f' };
  follow(engine, [file, draw('first'), draw('second'), made('plan', 'planning', null)]);
  // Sent twice, as after a crash: each is done once.
  follow(engine, [file, draw('first')]);
  turn();
  expect(keys()).toEqual(['import-population/file', 'draw-sample/first', 'make-version/plan']);
  expect(isMaking(engine, 'sample-selection', null)).toBe(true);
  expect(shown(engine)).toEqual([
    'import-population file true',
    'draw-sample first true',
    'draw-sample second false',
    'make-version plan true',
  ]);
  await job('draw-sample/first').end(done);
  expect(engine).toMatchObject({ turn: true, look: true, worked: true });
  turn();
  expect(keys()).toContain('draw-sample/second');
  expect(shown(engine)).not.toContain('draw-sample first true');
});

test('work that fails stays, says so, and is tried again after a pause that grows to a minute', async () => {
  const { engine, clock, turn, keys, job } = engineOf();
  follow(engine, [draw('one')]);
  const pausesMs: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    turn();
    await job('draw-sample/one').end({ kind: 'failed', message: 'no such disk' });
    expect([...engine.failing.values()]).toMatchObject([
      { kind: 'follow-up-failing', message: 'draw-sample sample-selection: no such disk' },
    ]);
    turn();
    expect(keys()).toHaveLength(round + 1);
    const nextMs = nextTurnMs(engine) ?? 0;
    pausesMs.push(nextMs - clock.nowMs);
    clock.nowMs = nextMs;
  }
  expect(pausesMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  turn();
  await job('draw-sample/one').end(done);
  turn();
  expect(engine.failing.size + engine.pauses.size + engine.pending.length).toBe(0);
  expect(nextTurnMs(engine)).toBeNull();
});

test('a step that changed nothing is not done again at once, and is forgotten when it is not due any more', async () => {
  const { engine, clock, turn, keys, job } = engineOf();
  take(engine, opened());
  turn();
  expect(keys()).toEqual(['propose/planning/-']);
  await job('propose/planning/-').end(done);
  take(engine, opened({ revision: 2 }));
  turn();
  expect(keys()).toHaveLength(1);
  clock.nowMs += 1_000;
  turn();
  expect(keys()).toHaveLength(2);
  await job('propose/planning/-').end(done);
  take(engine, flow({ revision: 3, lines: [line('planning', null, { status: 'in-work', proposed: true })] }));
  turn();
  expect(keys()).toHaveLength(2);
  expect(engine.pauses.size).toBe(0);
  expect(isIdle(engine)).toBe(true);
});

test('an older flow never replaces a newer one', () => {
  const { engine } = engineOf();
  take(engine, flow({ revision: 7 }));
  take(engine, flow({ revision: 6, over: true }));
  expect(engine.flow?.revision).toBe(7);
  take(engine, null);
  expect(engine.flow?.revision).toBe(7);
});

test('a deadline does not wait for a draw, and a manager’s skip ends a proposal that nobody wants any more', async () => {
  const { engine, turn, keys, job } = engineOf();
  const dueAt = '2026-11-21T08:00:00.000Z';
  take(engine, flow({ lines: [line('planning', null, { status: 'in-work', dueAt })] }));
  turn();
  expect(keys()).toEqual(['propose/planning/-', 'expire/planning/-']);
  const skips = [{ phase: 'planning' as const, lob: null, reason: 'planned last year' }];
  take(engine, opened({ revision: 2, skips }));
  turn();
  expect(keys()).toContain('skip/planning/-');
  await job('skip/planning/-').end(done);
  expect(job('propose/planning/-').cancelled).toBe(false);
  take(engine, flow({ revision: 3, skips, lines: [line('planning', null, { status: 'skipped' })] }));
  expect(job('propose/planning/-').cancelled).toBe(true);
});

test('what belongs to a lane is told to the lane, samples of one line of business are the report’s', () => {
  const { engine, turn, keys } = engineOf();
  follow(engine, [
    made('lane', 'observations', 'cards'),
    { kind: 'read-evidence', operationId: 'read', reportId, lob: 'cards', documentId: 'd', revision: 1 },
    { kind: 'wake', reportId, lob: 'loans' },
    made('draft', 'scoping', null),
    { ...made('settle', 'sample-selection', 'cards'), kind: 'settle-review', verdict: 'approved' } as FollowUp,
  ]);
  turn();
  expect(keys()).toEqual(['tell/-/cards', 'tell/-/loans', 'make-version/draft', 'settle-review/settle']);
});

test('a lane takes its own work from the store, and old news in it make it look no further', () => {
  const { engine, turn, keys } = engineOf('cards');
  engine.look = false;
  takeUp(engine, [made('lane', 'observations', 'cards'), { kind: 'wake', reportId, lob: 'cards' }]);
  turn();
  expect(keys()).toEqual(['make-version/lane']);
  expect(engine.look).toBe(false);
});

test('news that come while news are told are told once more, and no oftener', async () => {
  const { engine, turn, keys, job } = engineOf();
  for (let times = 0; times < 3; times += 1) addWork(engine, { kind: 'tell', lob: 'cards' });
  turn();
  expect(keys()).toEqual(['tell/-/cards']);
  for (let times = 0; times < 3; times += 1) addWork(engine, { kind: 'tell', lob: 'cards' });
  await job('tell/-/cards').end(done);
  turn();
  await job('tell/-/cards').end(done);
  turn();
  expect(keys()).toEqual(['tell/-/cards', 'tell/-/cards']);
  expect(engine).toMatchObject({ pending: [], look: true, worked: false });
});

test('lanes are told when they start, pause, go on or end, and not of what they did themselves', async () => {
  const { engine, turn, keys, job } = engineOf();
  const lob = (name: string, status: FlowState['lobs'][number]['status']) => ({
    ...{ lob: name, status },
    ...{ samples: 1, deviations: null },
  });
  let revision = 0;
  const toldBy = async (more: Partial<FlowState>): Promise<string[]> => {
    const before = keys().length;
    take(engine, flow({ revision: (revision += 1), lines: [], ...more }));
    turn();
    const told = keys().slice(before);
    for (const key of told) await job(key).end(done);
    turn();
    return told;
  };
  const both = (first: 'running' | 'paused' | 'finished' | 'cancelled') => [
    lob('cards', first),
    lob('loans', 'running'),
  ];
  expect(await toldBy({ lobs: [lob('cards', 'running'), lob('loans', 'finished')] })).toEqual(['tell/-/cards']);
  expect(await toldBy({ lobs: both('running') })).toEqual(['tell/-/loans']);
  expect(await toldBy({ lobs: [{ ...lob('cards', 'running'), deviations: 3 }, lob('loans', 'running')] })).toEqual([]);
  expect(await toldBy({ lobs: both('paused') })).toEqual(['tell/-/cards']);
  expect(await toldBy({ lobs: both('running') })).toEqual(['tell/-/cards']);
  expect(await toldBy({ lobs: both('running'), paused: true })).toEqual(['tell/-/cards', 'tell/-/loans']);
  const skips = [{ phase: 'request-info' as const, lob: 'loans', reason: 'no documents' }];
  expect(await toldBy({ lobs: both('running'), skips, paused: true })).toEqual(['tell/-/loans']);
  expect(await toldBy({ lobs: both('running'), skips })).toEqual(['tell/-/cards', 'tell/-/loans']);
  expect(await toldBy({ lobs: both('cancelled'), skips })).toEqual(['tell/-/cards']);
  expect(await toldBy({ lobs: both('finished'), skips })).toEqual([]);
  expect(await toldBy({ lobs: [lob('cards', 'finished'), lob('loans', 'running')], skips, over: true })).toEqual([
    'tell/-/loans',
  ]);
});

test('a report that is over drops its work, mails, and then has nothing to do', async () => {
  const { engine, turn, keys, job, notes } = engineOf();
  take(engine, opened());
  follow(engine, [draw('one')]);
  turn();
  take(engine, opened({ revision: 2, over: true, mailsDue: true }));
  expect(job('draw-sample/one').cancelled).toBe(true);
  expect(job('propose/planning/-').cancelled).toBe(true);
  await Promise.resolve();
  await Promise.resolve();
  turn();
  expect(keys().slice(2)).toEqual(['mail/-/-']);
  expect(hasEnded(engine) && isIdle(engine)).toBe(false);
  await job('mail/-/-').end({ kind: 'done', note: 'no e-mail to tara: refused' });
  take(engine, opened({ revision: 3, over: true }));
  expect(hasEnded(engine) && isIdle(engine)).toBe(true);
  expect(notes).toEqual(['mail: no e-mail to tara: refused']);
});

test('a lane that finished ends as soon as its report was told', async () => {
  const { engine, turn, job } = engineOf('cards');
  const lobs = [{ lob: 'cards', status: 'finished' as const, samples: 1, deviations: 0 }];
  take(engine, flow({ lob: 'cards', lobs, lines: [line('request-info', 'cards', { status: 'skipped' })] }));
  addWork(engine, { kind: 'tell', lob: null });
  expect(hasEnded(engine) && isIdle(engine)).toBe(false);
  turn();
  await job('tell/-/-').end(done);
  expect(hasEnded(engine) && isIdle(engine)).toBe(true);
});

test('the engine is due again at the next deadline or when a pause is over, whichever comes first', async () => {
  const { engine, clock, turn, job } = engineOf();
  const dueAt = '2026-11-21T08:00:01.500Z';
  take(engine, flow({ lines: [line('planning', null, { status: 'in-work', dueAt })] }));
  turn();
  expect(nextTurnMs(engine)).toBe(Date.parse(dueAt));
  await job('propose/planning/-').end({ kind: 'failed', message: 'no' });
  expect(nextTurnMs(engine)).toBe(clock.nowMs + 1_000);
  clock.nowMs += 1_000;
  // The pause is over; that it is over rings no second time.
  expect(nextTurnMs(engine)).toBe(Date.parse(dueAt));
});
