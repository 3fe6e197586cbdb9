// Drives a report through its phases as its people would, through the contract only: what a screen or a terminal can do.
// Knows no store, no workflow and no domain rule; waits for conditions by syncing the laptop that asks.
import type { LobSource } from '../../domain/operation.ts';
import type { Edit } from '../../domain/phase-item.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Application } from '../../main/core/application.ts';
import type {
  CommandInput,
  CommandName,
  CommandOutput,
  ItemRow,
  PhaseDetail,
  Result,
  TestRow,
  VersionDetail,
} from '../../preload/contract.ts';

/** Who plays which part: the practice identities. */
export const parts = {
  manager: 'mara',
  tester: 'tara',
  second: 'tom',
  owner: 'olga',
  lead: 'lena',
  dataOwner: 'dana',
} as const;
type Person = (typeof parts)[keyof typeof parts];

export type ItemDecision = CommandInput<'decision:record'>['decisions'][number]['decision'];
const approved: ItemDecision = { verdict: 'approved' };

export interface Driver {
  /** A command that has to succeed. */
  ask<Name extends CommandName>(person: Person, name: Name, input: CommandInput<Name>): Promise<CommandOutput<Name>>;
  /** A command whose refusal is the point. */
  attempt<Name extends CommandName>(
    person: Person,
    name: Name,
    input: CommandInput<Name>,
  ): Promise<Result<CommandOutput<Name>>>;
  /** Syncs the person's laptop and asks again until the answer is there; a test's own time limit ends it. */
  until<Answer>(person: Person, ask: () => Promise<Answer | null | undefined | false>): Promise<Answer>;
}

/** @param application solo: all people on one machine, each with a laptop's own key, cache and outbox. */
export function driverOf(application: Pick<Application, 'invoke'>): Driver {
  const attempt = <Name extends CommandName>(person: Person, name: Name, input: CommandInput<Name>) =>
    application.invoke(name, input, { profile: person }) as Promise<Result<CommandOutput<Name>>>;
  const ask: Driver['ask'] = async (person, name, input) => {
    const result = await attempt(person, name, input);
    if (!result.ok) {
      const { kind, message, details } = result.error;
      throw new Error(`${person}, ${name}: ${kind}: ${message} ${details ?? ''}`);
    }
    return result.value;
  };
  return {
    ask,
    attempt,
    async until(person, question) {
      for (;;) {
        const answer = await question();
        if (answer !== null && answer !== undefined && answer !== false) return answer;
        await ask(person, 'sync:now', { waitMs: 1_000 });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

/** Everything queued on this laptop has its receipt, and none was refused. */
export async function delivered(driver: Driver, person: Person): Promise<void> {
  const { counts } = await driver.until(person, async () => {
    const status = await driver.ask(person, 'sync:now', { waitMs: 10_000 });
    return status.counts.queued + status.counts.sent === 0 && status;
  });
  if (counts.refused + counts.conflict === 0) return;
  const { entries } = await driver.ask(person, 'outbox:list', { show: 'open', limit: 20 });
  throw new Error(`${person}: ${entries.map((entry) => `${entry.what}: ${entry.reason?.message ?? ''}`).join('; ')}`);
}

export async function startCycle(
  driver: Driver,
  options: Partial<CommandInput<'cycle:start'>['reports'][number]> & { name: string },
): Promise<{ cycleId: string; reportId: string }> {
  const { cycleId, reportIds } = await driver.ask(parts.manager, 'cycle:start', {
    name: `Cycle of ${options.name}`,
    reports: [
      {
        assignments: [
          { personId: parts.tester, role: 'tester' },
          { personId: parts.second, role: 'tester' },
          { personId: parts.owner, role: 'report-owner' },
          { personId: parts.lead, role: 'test-lead' },
          { personId: parts.dataOwner, role: 'data-owner' },
        ],
        ...options,
      },
    ],
  });
  await delivered(driver, parts.manager);
  return { cycleId, reportId: reportIds[0] as string };
}

export async function importPopulation(driver: Driver, reportId: string, path: string, keyColumn: string) {
  await driver.until(parts.tester, async () => (await driver.attempt(parts.tester, 'report:get', { reportId })).ok);
  await driver.ask(parts.tester, 'population:import', {
    reportId,
    source: { kind: 'path', path },
    keyColumn,
    waitMs: 120_000,
  });
  return driver.until(parts.tester, async () => {
    const { populations } = await driver.ask(parts.tester, 'report:get', { reportId });
    return populations.find((population) => population.state.kind === 'ready');
  });
}

/** Where a phase stands on the person's laptop, as soon as `is` holds. */
export function phaseWhen(
  driver: Driver,
  person: Person,
  place: { reportId: string; phase: PhaseSlug; lob?: string | null },
  is: (detail: PhaseDetail) => boolean,
): Promise<PhaseDetail> {
  return driver.until(person, async () => {
    const result = await driver.attempt(person, 'phase:get', { lob: null, ...place });
    return result.ok && is(result.value) && result.value;
  });
}

export const completed = (detail: PhaseDetail): boolean => detail.state.state === 'completed';
export const settled = (detail: PhaseDetail): boolean => ['completed', 'skipped'].includes(detail.state.state);

const isWhole = ({ cachedItems, version }: VersionDetail): boolean => cachedItems === version.itemCount;

/** All rows of a version on the person's laptop, contents included. */
export async function itemsOf(driver: Driver, person: Person, versionId: string): Promise<ItemRow[]> {
  await driver.until(person, async () => {
    const result = await driver.attempt(person, 'version:get', { versionId });
    return result.ok && isWhole(result.value);
  });
  const rows: ItemRow[] = [];
  for (;;) {
    const page = await driver.ask(person, 'version:items', { versionId, offset: rows.length, limit: 500 });
    rows.push(...page.rows);
    if (rows.length >= page.total) return rows;
  }
}

/** Hands the proposed draft of a phase in, with edits of it where some are wanted. */
export async function handIn(
  driver: Driver,
  place: { reportId: string; phase: PhaseSlug; lob?: string | null },
  edits: (rows: ItemRow[]) => Edit[] = () => [],
): Promise<string> {
  const draft = await phaseWhen(driver, parts.tester, place, ({ versions }) => versions[0]?.status === 'draft');
  const { versionId, number } = draft.versions[0] as PhaseDetail['versions'][number];
  const wanted = edits(await itemsOf(driver, parts.tester, versionId));
  await driver.ask(parts.tester, 'version:submit', { versionId, edits: wanted });
  await delivered(driver, parts.tester);
  const { versions } = await phaseWhen(
    driver,
    parts.tester,
    place,
    (detail) =>
      detail.versions[0]?.status === 'pending' && detail.versions[0].number === number + (wanted.length > 0 ? 1 : 0),
  );
  return (versions[0] as PhaseDetail['versions'][number]).versionId;
}

/** Decides every undecided item and submits the review. */
export async function review(
  driver: Driver,
  person: Person,
  versionId: string,
  decide: (row: ItemRow) => ItemDecision = () => approved,
): Promise<void> {
  // The draft may have been here before it was handed in.
  await driver.until(person, async () => {
    const result = await driver.attempt(person, 'version:get', { versionId });
    return result.ok && result.value.whyNotReview === null;
  });
  const rows = await itemsOf(driver, person, versionId);
  const decisions = rows
    .filter((row) => row.verdict === 'pending')
    .map((row) => ({ itemKey: row.itemKey, contentHash: row.contentHash, decision: decide(row) }));
  if (decisions.length > 0) await driver.ask(person, 'decision:record', { versionId, decisions });
  const rejected = decisions.some(({ decision }) => decision.verdict === 'rejected');
  await driver.ask(person, 'review:submit', { versionId, verdict: rejected ? 'revision-requested' : 'approved' });
  await delivered(driver, person);
}

/** A proposed phase from its draft to its approved version; answers with that version's id. */
export async function runProposed(
  driver: Driver,
  place: { reportId: string; phase: PhaseSlug; lob?: string | null },
  approver: Person,
  edits?: (rows: ItemRow[]) => Edit[],
): Promise<string> {
  const versionId = await handIn(driver, place, edits);
  await review(driver, approver, versionId);
  await phaseWhen(driver, parts.tester, place, completed);
  return versionId;
}

/** Edits that leave exactly these attributes in scope. */
export function scopeTo(attributes: readonly string[], rationale: string): (rows: ItemRow[]) => Edit[] {
  return (rows) =>
    rows
      .filter((row) => row.body?.['inScope'] !== attributes.includes(row.itemKey))
      .map(({ itemKey, contentHash }) => ({
        edit: 'set',
        itemKey,
        contentHash,
        fields: { inScope: attributes.includes(itemKey), rationale },
      }));
}

/** Plans, draws and has the sample approved; answers with the approved version's id. */
export async function runSample(
  driver: Driver,
  reportId: string,
  plan: Omit<CommandInput<'sample:plan'>, 'reportId'>,
  options: { decide?: (row: ItemRow) => ItemDecision; targeted?: CommandInput<'sample:draw'>['targeted'] } = {},
): Promise<string> {
  const place = { reportId, phase: 'sample-selection' as const };
  await phaseWhen(driver, parts.tester, place, ({ state }) => state.state === 'in-work');
  const { planId } = await driver.ask(parts.tester, 'sample:plan', { reportId, ...plan });
  await driver.ask(parts.tester, 'sample:draw', { reportId, planId, targeted: options.targeted ?? [] });
  await delivered(driver, parts.tester);
  const lob = plan.lob ?? null;
  for (;;) {
    const drawn = await driver.until(parts.owner, async () => {
      const result = await driver.attempt(parts.owner, 'version:list', { reportId });
      const ofLine = (result.ok ? result.value : []).filter((row) => row.phase === place.phase && row.lob === lob);
      return ofLine.find((row) => row.status === 'pending' && row.reviewVerdict === null);
    });
    await review(driver, parts.owner, drawn.versionId, drawn.number === 1 ? options.decide : undefined);
    const after = await driver.until(parts.tester, async () => {
      const result = await driver.attempt(parts.tester, 'version:get', { versionId: drawn.versionId });
      if (!result.ok) return null;
      const { version } = result.value;
      return (version.status === 'approved' || version.reviewVerdict === 'revision-requested') && version;
    });
    if (after.status === 'approved') return drawn.versionId;
    const rejected = (await itemsOf(driver, parts.tester, drawn.versionId)).filter((row) => row.verdict === 'rejected');
    await driver.ask(parts.tester, 'revision:submit', {
      versionId: drawn.versionId,
      answers: rejected.map(({ itemKey, contentHash, reasonCode }) =>
        reasonCode === 'duplicate'
          ? { itemKey, contentHash, answer: 'replace' as const }
          : { itemKey, contentHash, answer: 'keep' as const, rationale: 'the row belongs to the population' },
      ),
    });
    await delivered(driver, parts.tester);
  }
}

/** Every attribute of every line of business gets the data owner. */
export async function runOwners(driver: Driver, reportId: string): Promise<void> {
  const place = { reportId, phase: 'data-owner-id' as const };
  await phaseWhen(driver, parts.tester, place, ({ state }) => state.state === 'in-work');
  const { rows } = await driver.ask(parts.tester, 'owner:list', { reportId, show: 'open', limit: 500 });
  await driver.ask(parts.tester, 'owner:assign', {
    reportId,
    assignments: rows.map(({ lob, attribute }) => ({ lob, attribute, dataOwnerId: parts.dataOwner })),
  });
  await delivered(driver, parts.tester);
  await driver.ask(parts.tester, 'phase:complete', place);
  await delivered(driver, parts.tester);
  await phaseWhen(driver, parts.tester, place, completed);
}

/** The data owner hands a file in, the tester accepts it and completes the phase; answers with the document's id. */
export async function runDocuments(driver: Driver, reportId: string, lob: string, file: string): Promise<string> {
  const place = { reportId, phase: 'request-info' as const, lob };
  await phaseWhen(driver, parts.dataOwner, place, ({ state }) => state.state === 'in-work');
  const { documentId } = await driver.ask(parts.dataOwner, 'document:submit', {
    reportId,
    lob,
    title: `Extract of ${lob}`,
    source: { kind: 'path', path: file },
    effectiveDate: '2026-09-30',
  });
  await phaseWhen(driver, parts.tester, place, ({ records }) => records > 0);
  await driver.until(parts.tester, async () =>
    (await driver.ask(parts.tester, 'document:list', { reportId, lob })).some((row) => row.documentId === documentId),
  );
  await driver.ask(parts.tester, 'document:review', { reportId, lob, documentId, verdict: 'accepted' });
  await driver.ask(parts.tester, 'phase:complete', place);
  await delivered(driver, parts.tester);
  await phaseWhen(driver, parts.tester, place, completed);
  return documentId;
}

/** Has the found values read from the document and completes the phase; answers with all test actions. */
export async function runTesting(
  driver: Driver,
  reportId: string,
  lob: string,
  documentId: string,
): Promise<TestRow[]> {
  const place = { reportId, phase: 'test-execution' as const, lob };
  await phaseWhen(driver, parts.tester, place, ({ state }) => state.state === 'in-work');
  await driver.ask(parts.tester, 'evidence:read', { reportId, lob, documentId });
  await delivered(driver, parts.tester);
  await driver.until(
    parts.tester,
    async () => (await driver.ask(parts.tester, 'test:list', { reportId, lob, limit: 1 })).counts.open === 0,
  );
  const rows = await testRowsOf(driver, reportId, lob);
  await driver.ask(parts.tester, 'phase:complete', place);
  await delivered(driver, parts.tester);
  await phaseWhen(driver, parts.tester, place, completed);
  return rows;
}

export async function testRowsOf(driver: Driver, reportId: string, lob: string): Promise<TestRow[]> {
  const rows: TestRow[] = [];
  for (;;) {
    const page = await driver.ask(parts.tester, 'test:list', { reportId, lob, offset: rows.length, limit: 500 });
    rows.push(...page.rows);
    if (rows.length >= page.total) return rows;
  }
}

/** Hands the assembled report in and has it signed by lead and owner; answers with the signed version's id. */
export async function runReport(driver: Driver, reportId: string): Promise<string> {
  const place = { reportId, phase: 'test-report' as const };
  const versionId = await handIn(driver, place);
  for (const person of [parts.lead, parts.owner]) {
    await driver.until(person, async () => {
      const result = await driver.attempt(person, 'version:get', { versionId });
      // Its header may be here before its sections are.
      return result.ok && result.value.whyNotSign === null && isWhole(result.value);
    });
    await driver.ask(person, 'report:sign', { versionId });
    await delivered(driver, person);
  }
  await phaseWhen(driver, parts.tester, place, completed);
  return versionId;
}

/** The lines of business of the report, as soon as they are known. */
export async function lobsOf(driver: Driver, reportId: string): Promise<string[]> {
  return driver.until(parts.tester, async () => {
    const { report } = await driver.ask(parts.tester, 'report:get', { reportId });
    return report.lobs.length > 0 && report.lobs.map(({ lob }) => lob);
  });
}

export type { LobSource };
