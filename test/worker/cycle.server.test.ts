// The whole cycle through signals on the real server: from a population to the signed report, its lanes, deadlines and controls, and
// what becomes of it when workflows go on in new runs or are lost.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { versionActivities } from '../../domain/activity.ts';
import { lobWorkflowId, queries, workflowIdOf, workflowTypes } from '../../domain/change.ts';
import type { ReviveAnswer } from '../../domain/change.ts';
import { ledgerFault } from '../../domain/ledger.ts';
import type { LaneProgress, PendingApproval, PhaseVersion, ReportProgress } from '../../domain/report-progress.ts';
import type { Version } from '../../domain/version.ts';
import {
  at,
  editSigned,
  applied,
  beginCycle,
  complete,
  handIn,
  importRows,
  isIn,
  ledgerOf,
  lobColumn,
  review,
  runDocuments,
  runOwners,
  runProposed,
  runReport,
  runSample,
  runTesting,
  scopeTo,
  sign,
  skipping,
  standing,
  threeLobs,
} from './cycle-world.ts';
import type { Cycle } from './cycle-world.ts';
import { until, World } from './worker-world.ts';
import type { HistoryEvent } from './worker-world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const lobs = ['cards', 'loans', 'savings'];
const progressOf = ({ reportId }: Pick<Cycle, 'reportId'>) =>
  world.report(reportId).query<ReportProgress>(queries.progress);
const laneOf = ({ reportId }: Pick<Cycle, 'reportId'>, lob: string) =>
  world.client.workflow.getHandle(lobWorkflowId(reportId, lob));

/** The population's rows, some of them otherwise than it says. */
function evidence(lob: string, otherwise: Record<string, string> = {}): string {
  const rows = threeLobs()
    .split('\n')
    .filter((line) => line.split(',')[1] === lob)
    .map((line) => {
      const [id = '', , balance = ''] = line.split(',');
      return `${id},${otherwise[id] ?? balance}`;
    });
  return ['ID,BALANCE', ...rows, ''].join('\n');
}

/** Brings a report whose early phases are skipped to where its lanes run: the sample is planned over the whole. */
async function untilLanes(cycle: Cycle): Promise<void> {
  const populationHash = await importRows(cycle, threeLobs());
  await runSample(cycle, populationHash);
  await runOwners(cycle, lobs, ['LOB', 'BALANCE']);
}
const toLanes = { lobs: lobColumn, skips: skipping('planning', 'data-profiling', 'scoping') };

test('from the population to the signed report: every phase in its turn, side by side where the order allows', async () => {
  const cycle = await beginCycle(world, { lobs: lobColumn });
  const { reportId, tara, tom, olga } = cycle;
  const report = world.report(reportId);
  const populationHash = await importRows(cycle, threeLobs());
  await runProposed(cycle, at(cycle, 'planning'), tom);
  await tara.phase(at(cycle, 'data-profiling'), isIn('in-work'));
  expect(standing(await tara.report(reportId, () => true)).slice(2)).toEqual([
    ...['scoping not-started', 'sample-selection not-started', 'data-owner-id not-started', 'test-report not-started'],
  ]);
  await runProposed(cycle, at(cycle, 'data-profiling'), olga);
  const scoping = await handIn(cycle, at(cycle, 'scoping'), scopeTo('BALANCE'));
  expect(scoping).toMatchObject({ number: 2, revision: 0, authorId: 'tara' });
  await until(async () => (await progressOf(cycle)).phases.some((row) => row.life === 'in-review'));
  expect(await report.query<PendingApproval[]>(queries.pendingApprovals)).toEqual([
    { versionId: scoping.versionId, phase: 'scoping', lob: null, number: 2, approvers: ['report-owner'] },
  ]);
  await review(olga, scoping);

  // Samples and data owners are open at once.
  await tara.report(reportId, ({ phases }) =>
    phases
      .filter(({ phase }) => phase === 'sample-selection' || phase === 'data-owner-id')
      .every(({ state }) => state === 'in-work'),
  );
  const cards = await runSample(cycle, populationHash, { lob: 'cards', replaced: 1 });
  await runOwners(cycle, lobs, ['BALANCE']);
  const loans = await runSample(cycle, populationHash, { lob: 'loans', targeted: ['61'] });
  expect(loans.summary['targeted']).toBe(1);
  await complete(tara, at(cycle, 'sample-selection'), [{ lob: 'savings', reason: 'a pilot that ended in March' }]);

  // The lane without samples goes by itself to its end, the others ask for documents.
  const lanes = await tara.report(reportId, (each) => each.lobs.some((lane) => lane.status === 'finished'));
  expect(lanes.lobs.map(({ lob, samples }) => [lob, samples])).toEqual([
    ['cards', cards.itemCount],
    ['loans', loans.itemCount],
    ['savings', 0],
  ]);
  const skipped = lanes.phases.filter((line) => line.lob === 'savings');
  expect(skipped.map(({ state, reason }) => [state, /no sample of this line/.test(reason)])).toEqual(
    skipped.map(() => ['skipped', true]),
  );

  const sampled = await olga.contents(cards.versionId);
  const [wrong = '', another = ''] = sampled.map((item) => item.itemKey);
  const ofCards = await runDocuments(cycle, 'cards', evidence('cards', { [wrong]: '7', [another]: 'none' }));
  const ofLoans = await runDocuments(cycle, 'loans', evidence('loans'));
  // Somebody looked again: the response is changed, with its reason, and stays a failure.
  const action = {
    ...{ itemKey: wrong, contentHash: sampled[0]?.contentHash ?? '', attribute: 'BALANCE', found: 8 },
    ...{ result: 'fail' as const, notTestableReason: '', evidence: { documentId: ofCards, revision: 2, locator: '' } },
    ...{ note: '', seenRevision: 1, reason: 'the 7 is an 8' },
  };
  const results = await runTesting(cycle, 'cards', ofCards, cards.itemCount, () =>
    applied(tara.settled({ kind: 'test.update', reportId, lob: 'cards', actions: [action] })),
  );
  expect(
    [...results]
      .filter(([, result]) => result !== 'pass')
      .map(([key]) => key)
      .toSorted(),
  ).toEqual([`${wrong}/BALANCE`, `${another}/BALANCE`].toSorted());
  await runTesting(cycle, 'loans', ofLoans, loans.itemCount);
  const ofLoansLane = await tara.phase(at(cycle, 'observations', 'loans'), isIn('skipped'));
  expect(ofLoansLane.reason).toMatch(/no deviation/);
  const observed = await runProposed(cycle, at(cycle, 'observations', 'cards'), olga);
  expect(observed).toMatchObject({ number: 1, itemCount: 1, lob: 'cards' });
  expect(observed.workflow).toMatchObject({
    workflowId: lobWorkflowId(reportId, 'cards'),
    activityName: 'createObservationVersion',
  });

  const signed = await runReport(cycle);
  expect(signed.signOffs.map(({ role, actorId, meaning }) => [role, actorId, meaning])).toEqual([
    ['test-lead', 'lena', 'reviewed'],
    ['report-owner', 'olga', 'acknowledged'],
  ]);
  await expectSound(cycle);
  const versions = await report.query<PhaseVersion[]>(queries.phaseVersions);
  expect(versions.every((row) => row.status === 'completed')).toBe(true);
  // Signed, it waits for whatever comes: no lane runs, nothing is due.
  for (const lob of lobs) expect((await laneOf(cycle, lob).describe()).status.name).toBe('COMPLETED');
  expect((await report.describe()).status.name).toBe('RUNNING');
  await edited(cycle, signed);
});

/** An edit of the signed report voids its signatures and makes a new version, which is signed anew. */
async function edited(cycle: Cycle, signed: Version): Promise<void> {
  const { tara, lena, olga } = cycle;
  const { versionId } = signed;
  const place = at(cycle, 'test-report');
  const next = await editSigned(cycle, signed);
  expect(next).toMatchObject({ parentVersionId: versionId, authorId: 'tara', signOffs: [] });
  const before = await tara.version(place, (version) => version.versionId === versionId);
  expect(before.signOffs.every((row) => row.voidedAt !== null)).toBe(true);
  await applied(sign(lena, next, 'reviewed'));
  await applied(sign(olga, next, 'acknowledged'));
  await tara.version(place, (version) => version.number === 2 && version.status === 'approved');
  await expectSound(cycle);
}

/** What has to hold when a report is signed: its ledger, its log of versions, its current versions. */
async function expectSound(cycle: Cycle): Promise<void> {
  const { reportId, mara } = cycle;
  const progress = await until(async () => {
    const now = await progressOf(cycle);
    return now.work.length === 0 && now.waiting === 0 ? now : null;
  });
  expect(progress.alerts).toEqual([]);
  const ledger = await ledgerOf(cycle, mara);
  expect(ledgerFault(ledger, progress.ledgerHead ?? undefined)).toBeNull();
  const opened = ledger.filter((entry) => entry.kind === 'phase.opened').map((entry) => entry.detail['phase']);
  expect(opened.slice(0, 3)).toEqual(['planning', 'data-profiling', 'scoping']);
  expect(opened.at(-1)).toBe('test-report');
  const log = await world.inStore(({ db }) =>
    db.selectFrom('version_operations').selectAll().where('report_id', '=', reportId).execute(),
  );
  expect(log.length).toBeGreaterThan(10);
  expect(log.filter((row) => row.completed_at === null || row.error !== null)).toEqual([]);
  const lines = await world.inStore(({ db }) =>
    db
      .selectFrom('versions')
      .select(['phase', 'lob', 'number', 'status'])
      .where('report_id', '=', reportId)
      .orderBy('number')
      .execute(),
  );
  for (const [line, versions] of Map.groupBy(lines, ({ phase, lob }) => `${phase}/${lob}`)) {
    expect(
      versions.map(({ number }) => number),
      line,
    ).toEqual(versions.map((_, index) => index + 1));
    expect(
      versions.filter(({ status }) => status === 'approved'),
      line,
    ).toHaveLength(1);
  }
}

test('phases that a manager leaves out are skipped with their reasons, in the report and in its lanes', async () => {
  const skips = skipping('planning', 'data-profiling', 'scoping', 'data-owner-id', 'request-info');
  const cycle = await beginCycle(world, { lobs: lobColumn, skips });
  const { reportId, tara, mara } = cycle;
  await runSample(cycle, await importRows(cycle, threeLobs()));
  await tara.phase(at(cycle, 'test-execution', 'cards'), isIn('in-work'));
  const reason = 'savings are tested by somebody else';
  await applied(mara.settled({ kind: 'phase.skip', reportId, phase: 'test-execution', lob: 'savings', reason }));
  const report = await tara.report(reportId, (each) => each.lobs.some((lane) => lane.status === 'finished'));
  expect(report.lobs.find((lane) => lane.status === 'finished')?.lob).toBe('savings');
  const reasons = report.phases.filter((line) => line.state === 'skipped').map((line) => line.reason);
  expect(reasons).toContain(reason);
  expect(reasons).toContain('nothing was tested, so there is nothing to observe');
  for (const skip of skips) expect(reasons).toContain(skip.reason);
});

describe('a lane', () => {
  test('is paused, goes on, is cancelled and added, each by itself', async () => {
    const cycle = await beginCycle(world, toLanes);
    const { reportId, tara, dana, mara } = cycle;
    await untilLanes(cycle);
    await dana.phase(at(cycle, 'request-info', 'cards'), isIn('in-work'));
    const control = (lob: string, act: 'add' | 'cancel' | 'pause' | 'resume') =>
      applied(mara.settled({ kind: 'lob.control', reportId, lob, act, reason: `${act} for a test` }));
    await control('cards', 'pause');
    await until(async () => (await laneOf(cycle, 'cards').query<LaneProgress>(queries.progress)).paused);
    expect((await laneOf(cycle, 'loans').query<LaneProgress>(queries.progress)).paused).toBe(false);
    const skip = { kind: 'phase.skip' as const, reportId, phase: 'request-info' as const, reason: 'none needed' };
    await applied(mara.settled({ ...skip, lob: 'cards' }));
    await applied(mara.settled({ ...skip, lob: 'loans' }));
    await tara.phase(at(cycle, 'test-execution', 'loans'), isIn('in-work'));
    expect((await tara.phase(at(cycle, 'request-info', 'cards'), () => true)).state).toBe('in-work');
    await control('cards', 'resume');
    await tara.phase(at(cycle, 'test-execution', 'cards'), isIn('in-work'));

    await control('savings', 'cancel');
    await until(async () => (await laneOf(cycle, 'savings').describe()).status.name === 'COMPLETED');
    await control('branch', 'add');
    const added = await tara.report(reportId, (each) => each.lobs.some((lane) => lane.lob === 'branch'));
    expect(added.lobs.map(({ lob, status }) => [lob, status])).toContainEqual(['savings', 'cancelled']);
    // Nobody selected a sample of it: it comes to its end by itself, and says why.
    const done = await tara.report(reportId, (each) =>
      each.lobs.some((lane) => lane.lob === 'branch' && lane.status === 'finished'),
    );
    expect(done.phases.filter((line) => line.lob === 'branch').map((line) => line.state)).toEqual([
      ...['skipped', 'skipped', 'skipped'],
    ]);
  });

  test('whose samples stand aside is joined by the others before the report is assembled', async () => {
    const cycle = await beginCycle(world, { ...toLanes, skips: [...toLanes.skips, ...skipping('request-info')] });
    const { reportId, tara, mara } = cycle;
    await untilLanes(cycle);
    await tara.phase(at(cycle, 'test-execution', 'loans'), isIn('in-work'));
    const control = (lob: string) =>
      applied(mara.settled({ kind: 'lob.control', reportId, lob, act: 'cancel', reason: 'out of the audit' }));
    await control('cards');
    await control('savings');
    expect((await tara.phase(at(cycle, 'test-report'), () => true)).state).toBe('not-started');
    await control('loans');
    await tara.phase(at(cycle, 'test-report'), isIn('in-work'));
  });
});

describe('a deadline', () => {
  const seconds = (dueAfterSeconds: number, remindBeforeSeconds: number) => ({ dueAfterSeconds, remindBeforeSeconds });

  test('reminds, then expires as an outcome of its own; a later one revives the phase', async () => {
    const cycle = await beginCycle(world, { deadlines: [{ phase: 'planning', ...seconds(6, 4) }] });
    const { reportId, tara, mara } = cycle;
    await importRows(cycle);
    const draft = await tara.version(at(cycle, 'planning'), (version) => version.status === 'draft');
    const expired = await tara.phase(at(cycle, 'planning'), (line) => line.expiredAt !== null);
    expect(expired).toMatchObject({ state: 'in-work', outcome: 'expired' });
    const submit = { kind: 'version.submit' as const, reportId, versionId: draft.versionId, edits: [], note: '' };
    expect(await tara.settled(submit)).toMatchObject({ state: 'refused', reason: { code: 'expired' } });
    const kinds = (await ledgerOf(cycle, tara)).map((entry) => entry.kind);
    expect(kinds.filter((kind) => kind === 'phase.reminded' || kind === 'phase.expired')).toEqual([
      'phase.reminded',
      'phase.expired',
    ]);
    expect(
      tara.changes.flatMap(({ change }) => (change.kind === 'notification' ? change.notification.kind : [])),
    ).toEqual(expect.arrayContaining(['reminder', 'expired']));

    const dueAt = new Date(Date.now() + 3_600_000).toISOString();
    const later = { kind: 'deadline.set' as const, reportId, phase: 'planning' as const, lob: null, dueAt };
    await applied(mara.settled({ ...later, remindBeforeSeconds: 60, reason: 'the tester was ill' }));
    await applied(tara.settled(submit));
    expect(await tara.phase(at(cycle, 'planning'), isIn('in-review'))).toMatchObject({ outcome: null, dueAt });
  });

  test('runs in a lane too, and not while its report is paused', async () => {
    const deadlines = [{ phase: 'request-info' as const, ...seconds(4, 0) }];
    const cycle = await beginCycle(world, { ...toLanes, deadlines });
    const { reportId, tara, mara } = cycle;
    await untilLanes(cycle);
    const before = await tara.phase(at(cycle, 'request-info', 'cards'), isIn('in-work'));
    const control = (act: 'pause' | 'resume') =>
      applied(mara.settled({ kind: 'report.control', reportId, act, reason: 'the auditors are away' }));
    await control('pause');
    expect(
      await tara.settled({
        kind: 'phase.complete',
        ...at(cycle, 'request-info', 'cards'),
        withoutSamples: [],
        note: '',
      }),
    ).toMatchObject({ state: 'refused', reason: { code: 'paused' } });
    await until(async () => Date.now() > Date.parse(before.dueAt ?? '') + 500);
    expect((await tara.phase(at(cycle, 'request-info', 'cards'), () => true)).expiredAt).toBeNull();
    await control('resume');
    const moved = await tara.phase(at(cycle, 'request-info', 'cards'), (line) => line.dueAt !== before.dueAt);
    expect(Date.parse(moved.dueAt ?? '')).toBeGreaterThan(Date.now());
    await tara.phase(at(cycle, 'request-info', 'cards'), (line) => line.outcome === 'expired');
  });
});

test('a cancelled report ends its lanes, its workflow and its work, and everybody gets a receipt', async () => {
  const cycle = await beginCycle(world, toLanes);
  const { reportId, mara, tara } = cycle;
  await untilLanes(cycle);
  await tara.phase(at(cycle, 'request-info', 'loans'), isIn('in-work'));
  await until(async () => (await laneOf(cycle, 'cards').describe()).status.name === 'RUNNING');
  await applied(mara.settled({ kind: 'report.control', reportId, act: 'cancel', reason: 'the bank was sold' }));
  await until(async () => (await world.report(reportId).describe()).status.name === 'COMPLETED');
  for (const lob of lobs) {
    await until(async () => (await laneOf(cycle, lob).describe()).status.name === 'COMPLETED');
  }
  const { ended } = await tara.report(reportId, (each) => each.ended !== null);
  expect(ended?.reason).toBe('the bank was sold');
});

test('a report whose workflow is cancelled on the server is over, and so are its lanes', async () => {
  const cycle = await beginCycle(world, toLanes);
  const { reportId, tara } = cycle;
  await untilLanes(cycle);
  await tara.phase(at(cycle, 'request-info', 'loans'), isIn('in-work'));
  await world.report(reportId).cancel();
  await until(async () => (await world.report(reportId).describe()).status.name === 'CANCELLED');
  for (const lob of lobs) {
    await until(async () => (await laneOf(cycle, lob).describe()).status.name === 'COMPLETED');
  }
  expect((await tara.report(reportId, (each) => each.ended !== null)).ended?.reason).toMatch(/on the server/);
});

test('a cycle is paused, resumed and cancelled as a whole', async () => {
  const mara = await world.laptop('mara');
  const [cycleId, first, second] = [randomUUID(), randomUUID(), randomUUID()];
  const reports = [first, second].map((reportId) => ({
    ...{ reportId, name: 'Cards', lobs: null, skips: [], deadlines: [], dueAt: null },
    assignments: [{ personId: 'mara', role: 'test-manager' as const }],
  }));
  await applied(mara.settled({ kind: 'cycle.start', cycleId, name: 'Autumn', reports }));
  const both = [{ reportId: first }, { reportId: second }];
  for (const one of both) await until(() => progressOf(one).catch(() => null));
  const control = (act: 'pause' | 'resume' | 'cancel') =>
    applied(mara.settled({ kind: 'cycle.control', cycleId, act, reason: `${act} for a test` }));
  await control('pause');
  for (const one of both) await until(async () => (await progressOf(one)).paused);
  await control('resume');
  for (const one of both) await until(async () => !(await progressOf(one)).paused);
  await control('cancel');
  for (const { reportId } of both) {
    await until(async () => (await world.report(reportId).describe()).status.name === 'COMPLETED');
  }
});

describe('in the middle of its lanes', () => {
  async function lose(workflowId: string): Promise<void> {
    const { workflowService } = world.client;
    await workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId } });
    await until(async () => (await statusOf(workflowId)) === null);
  }
  async function statusOf(workflowId: string): Promise<string | null> {
    try {
      return (await world.client.workflow.getHandle(workflowId).describe()).status.name;
    } catch (error) {
      if ((error as Error).name === 'WorkflowNotFoundError') return null;
      throw error;
    }
  }

  test('a report that the server lost comes back with its lanes, and each goes on where it was', async () => {
    const cycle = await beginCycle(world, toLanes);
    const { reportId, tara, dana } = cycle;
    await untilLanes(cycle);
    const ofLoans = await runDocuments(cycle, 'loans', evidence('loans'));
    await dana.phase(at(cycle, 'test-execution', 'loans'), isIn('in-work'));
    await lose(workflowIdOf({ kind: 'report', id: reportId }));
    for (const lob of lobs) await lose(lobWorkflowId(reportId, lob));

    const handle = await world.start<ReviveAnswer>(workflowTypes.reviveReports, tara.signedRevive(reportId));
    expect(await handle.result()).toEqual({ kind: 'revived', reportIds: [reportId] });
    for (const lob of lobs) await until(async () => (await statusOf(lobWorkflowId(reportId, lob))) === 'RUNNING');
    const samples = (await progressOf(cycle)).lobs.find((lane) => lane.lob === 'loans')?.samples ?? 0;
    // BALANCE has a column in the extract, LOB has none.
    await runTestingOf(cycle, 'loans', ofLoans, samples);
    await tara.phase(at(cycle, 'request-info', 'cards'), isIn('in-work'));
  });

  test('a lane that was lost alone is started again by what concerns it', async () => {
    const cycle = await beginCycle(world, toLanes);
    const { reportId, tara, mara } = cycle;
    await untilLanes(cycle);
    await tara.phase(at(cycle, 'request-info', 'cards'), isIn('in-work'));
    await lose(lobWorkflowId(reportId, 'cards'));
    const reason = 'the documents are known';
    await applied(mara.settled({ kind: 'phase.skip', reportId, phase: 'request-info', lob: 'cards', reason }));
    await tara.phase(at(cycle, 'test-execution', 'cards'), isIn('in-work'));
  });

  test('report and lanes go on in new runs, and nothing of them is lost', async () => {
    const reportId = randomUUID();
    const limits = { signals: 8, events: 50 };
    await world.client.workflow.start(workflowTypes.report, {
      workflowId: workflowIdOf({ kind: 'report', id: reportId }),
      taskQueue: world.taskQueue,
      args: [{ limits }],
    });
    const cycle = await beginCycle(world, { ...toLanes, reportId });
    await untilLanes(cycle);
    const { lobs: lanes } = await cycle.tara.report(reportId, (each) =>
      each.lobs.every((lane) => lane.samples !== null),
    );
    for (const { lob, samples } of lanes) {
      const documentId = await runDocuments(cycle, lob, evidence(lob));
      await runTestingOf(cycle, lob, documentId, samples ?? 0);
    }
    await runReport(cycle);
    await expectSoundLedger(cycle);
    const progress = await progressOf(cycle);
    expect(progress.continued).toBeGreaterThanOrEqual(5);
    const runs = await Promise.all(
      lobs.map(async (lob) => (await laneOf(cycle, lob).query<LaneProgress>(queries.progress)).continued),
    );
    expect(Math.max(...runs)).toBeGreaterThanOrEqual(1);
  });
});

test('the activities of the seeds ran by their names, and the long ones with their time-outs and a heartbeat', async () => {
  const seen = new Set<string>();
  for await (const { history } of world.histories()) {
    for (const event of history.events ?? []) {
      const scheduled = event.activityTaskScheduledEventAttributes;
      const name = scheduled?.activityType?.name ?? localNameOf(event.markerRecordedEventAttributes);
      if (!name || !isSeeds(name)) continue;
      seen.add(name);
      if (!scheduled) continue;
      expect(Number(scheduled.startToCloseTimeout?.seconds), name).toBe(versionActivities[name] * 60);
      expect(Number(scheduled.heartbeatTimeout?.seconds), name).toBe(5);
    }
  }
  expect([...seen].toSorted((a, b) => (a < b ? -1 : 1))).toEqual(Object.keys(versionActivities).toSorted());
});

const isSeeds = (name: string): name is keyof typeof versionActivities => Object.hasOwn(versionActivities, name);

/** The local activity that a marker tells of. */
function localNameOf(marker: HistoryEvent['markerRecordedEventAttributes']): string | null {
  const [data] = marker?.details?.['data']?.payloads ?? [];
  const told = data?.data ? (JSON.parse(Buffer.from(data.data).toString()) as { activity_type?: string }) : {};
  return told.activity_type ?? null;
}

/** Testing of BALANCE from the extract; LOB, of which the extract says nothing, is recorded by hand. */
async function runTestingOf(cycle: Cycle, lob: string, documentId: string, samples: number): Promise<void> {
  const { reportId, tara } = cycle;
  const place = at(cycle, 'test-execution', lob);
  await tara.phase(place, isIn('in-work'));
  const selection = await tara.version(at(cycle, 'sample-selection'), (version) => version.status === 'approved');
  const items = await tara.contents(selection.versionId);
  const own = items.filter((item) => item.source.kind === 'random' && item.source.stratum === lob);
  expect(own).toHaveLength(samples);
  const actions = own.map(({ itemKey, contentHash }) => ({
    ...{ itemKey, contentHash, attribute: 'LOB', found: lob, result: 'pass' as const, notTestableReason: '' },
    evidence: { documentId, revision: 2, locator: 'title' },
    ...{ note: '', seenRevision: 0, reason: '' },
  }));
  await applied(tara.settled({ kind: 'test.record', reportId, lob, actions }));
  await runTesting(cycle, lob, documentId, samples * 2);
}

async function expectSoundLedger(cycle: Cycle): Promise<void> {
  const progress = await until(async () => {
    const now = await progressOf(cycle);
    return now.work.length === 0 && now.waiting === 0 ? now : null;
  });
  expect(ledgerFault(await ledgerOf(cycle, cycle.mara), progress.ledgerHead ?? undefined)).toBeNull();
  expect(progress.alerts).toEqual([]);
}
