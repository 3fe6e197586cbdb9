// Fault f of mission.md: a deadline that passes is an outcome of its own. That its timer runs in the workflow is shown on the real
// server by test/worker/cycle.server.test.ts.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notification } from '../../domain/change.ts';
import { stepsDue } from '../../domain/flow.ts';
import { reportSummary } from '../../worker/store/follow-up.ts';
import { expirePhase, readFlow } from '../../worker/store/phase-line.ts';
import { readVersion } from '../../worker/store/version-rows.ts';
import { readLedger } from '../../worker/store/writing.ts';
import { handedIn, openTestStore, reviewed, withProposed } from '../builders.ts';
import type { TestStore } from '../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

describe('f: a deadline that passes is not reported as a rejection', () => {
  it('the version still waits for its review, nobody reviewed it, and a later deadline lets it be approved', async () => {
    const { version, reportId } = await withProposed(test, 'scoping', ['A']);
    const pending = await handedIn(test, version);
    const line = async () =>
      (await reportSummary(test.store, reportId))?.report.phases.find((row) => row.phase === 'scoping');
    const dueBy = (dueAt: string) =>
      test.send([
        test.laptops.mara.operation({
          ...{ kind: 'deadline.set', reportId, phase: 'scoping', lob: null, remindBeforeSeconds: 0, reason: 'agreed' },
          dueAt,
        }),
      ]);
    await dueBy('2026-11-22T08:00:00.000Z');
    const late = '2026-11-22T08:00:01.000Z';
    const steps = stepsDue(await readFlow(test.store.db, reportId, null), late);
    expect(steps.filter((step) => 'phase' in step && step.phase === 'scoping')).toEqual([
      { kind: 'expire', phase: 'scoping', lob: null },
    ]);
    await expirePhase(test.store, reportId, 'scoping', null, () => late);

    expect(await line()).toMatchObject({ state: 'in-review', outcome: 'expired', expiredAt: late, reason: '' });
    expect(await readVersion(test.store.db, pending.versionId)).toEqual(pending);
    const log = await test.store.db.selectFrom('version_operations').select('operation').execute();
    expect(log.map((row) => row.operation)).toEqual(['create']);
    const kinds = (await readLedger(test.store, reportId)).map((entry) => entry.kind);
    expect(kinds.at(-1)).toBe('phase.expired');
    expect(kinds.filter((kind) => kind.includes('reject'))).toEqual([]);
    const told = await test.store.db.selectFrom('notifications').select('notification_text').execute();
    const news = new Set(told.map((row) => (JSON.parse(row.notification_text) as Notification).kind));
    expect([...news]).toContain('expired');
    expect([...news]).not.toContain('rejected');

    await dueBy('2026-11-29T08:00:00.000Z');
    await reviewed(test, pending);
    expect(await line()).toMatchObject({ state: 'completed', outcome: 'approved', expiredAt: null });
  });
});
