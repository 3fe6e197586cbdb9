// Owns what the tests of steering share: a store whose clock can be stopped, and what they look at in one report.
import type { LobState, PhaseState, Report } from '../../../domain/change.ts';
import { targetOf } from '../../../domain/operation.ts';
import type { OperationBody, Receipt, SignedOperation } from '../../../domain/operation.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { ColumnProfile } from '../../../domain/population.ts';
import { applyOperations } from '../../../worker/store/apply.ts';
import { recordPopulation } from '../../../worker/store/follow-up.ts';
import { lineOf } from '../../../worker/store/reports.ts';
import type { FollowUp } from '../../../worker/store/rules/rule.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import { openTestStore, readyPopulation, testPopulationHash } from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';
import { laneOf, reportOf, sent } from './lanes.ts';

export const reportId = 'report-0001';
export const said = (receipt: Receipt) => `${receipt.state} ${receipt.reason?.code ?? ''}`.trim();

export interface Steering {
  test: TestStore;
  /** From then on the clock of the store stands there. */
  stopAt(at: string): void;
  send(by: TestPerson, body: OperationBody): Promise<Receipt>;
  /** Sends one operation and answers with what it asks the workflow for. */
  followed(by: TestPerson, body: OperationBody): Promise<FollowUp[]>;
  report(): Promise<Report>;
  line(phase: PhaseSlug, lob?: string | null): Promise<PhaseState>;
  lane(lob?: string): Promise<LobState>;
  summaries(ofReport?: string): Promise<string[]>;
  /** All news of a kind as `person: text`. */
  newsOf(kind: string): Promise<string[]>;
}

export async function openSteering(): Promise<Steering> {
  let stoppedAt: string | null = null;
  const made = await openTestStore();
  const test: TestStore = {
    ...made,
    clock: () => stoppedAt ?? made.clock(),
    send(operations, target) {
      const [first] = operations as SignedOperation[];
      if (!first) throw new Error('nothing to send');
      const incoming = operations.map((raw) => ({ raw, receivedAt: test.clock() }));
      return applyOperations(test.store, target ?? targetOf(first.operation.body), incoming, test.clock);
    },
  };
  const report = () => reportOf(test, reportId);
  return {
    test,
    stopAt(at) {
      stoppedAt = at;
    },
    send: (by, body) => sent(test, by, body),
    followed: async (by, body) => (await test.send([test.laptops[by].operation(body)])).followUps,
    report,
    async line(phase, lob = null) {
      const found = lineOf(await report(), { phase, lob });
      if (!found) throw new Error(`no line ${phase}`);
      return found;
    },
    async lane(lob = laneOf) {
      const found = (await report()).lobs.find((row) => row.lob === lob);
      if (!found) throw new Error(`no lane ${lob}`);
      return found;
    },
    summaries: async (of = reportId) => (await readLedger(test.store, of)).map((entry) => entry.summary),
    async newsOf(kind) {
      const rows = await test.store.db.selectFrom('notifications').selectAll().orderBy('person_id').execute();
      return rows
        .filter((row) => row.notification_text.includes(`"kind":"${kind}"`))
        .map((row) => `${row.person_id}: ${(JSON.parse(row.notification_text) as { text: string }).text}`);
    },
  };
}

/** A column as the profile may have it; `over` says what a test is about. */
export function column(name: string, over: Partial<ColumnProfile> = {}): ColumnProfile {
  const [plain] = readyPopulation(9).columns;
  return { ...(plain as ColumnProfile), name, ...over };
}

/** Imports a population of these columns; no file is read. */
export async function imported(test: TestStore, columns: ColumnProfile[]): Promise<void> {
  const body = { kind: 'population.import', reportId, fileHash: testPopulationHash, keyColumn: null } as const;
  const operation = test.laptops.tara.operation({ ...body, fileSize: 9, fileName: 'accounts.csv' });
  await test.send([operation]);
  const { operationId } = operation.operation;
  const state = { ...readyPopulation(100), columns };
  await recordPopulation(test.store, { operationId, reportId, populationHash: testPopulationHash, state }, test.clock);
}
