// Properties of versions on the real store: whatever people submit, decide, review and revise, in whichever order, and however late
// the work that follows is carried out.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Answer, OperationBody } from '../../../domain/operation.ts';
import { ledgerFault } from '../../../domain/ledger.ts';
import { suggestedVerdict } from '../../../domain/review.ts';
import { needsAnswer } from '../../../domain/revision.ts';
import { reviewVerdicts } from '../../../domain/version.ts';
import type { Version } from '../../../domain/version.ts';
import { reportSummary } from '../../../worker/store/follow-up.ts';
import { isWork } from '../../../worker/store/rules/rule.ts';
import type { FollowUp } from '../../../worker/store/rules/rule.ts';
import { readVersionItems } from '../../../worker/store/version-rows.ts';
import type { VersionItemBody } from '../../../worker/store/version-rows.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import { approve, boundTo, carryOut, edited, newestOf, openTestStore, reject, withProposed } from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';

const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
const keys = ['A', 'B', 'C'];
const some = fc.subarray(keys);
const author = fc.constantFrom<TestPerson>('tara', 'tara', 'lena', 'lena', 'otto');
const owner = fc.constantFrom<TestPerson>('olga', 'olga', 'olga', 'otto');

const work = fc.record({ kind: fc.constant('work' as const), times: fc.integer({ min: 1, max: 2 }) });
const submit = fc.record({
  kind: fc.constant('submit' as const),
  by: author,
  edits: some,
  note: fc.constantFrom('', 'as it is'),
});
const decideAll = fc.record({
  kind: fc.constant('decide all' as const),
  by: owner,
  rejected: fc.oneof(fc.constant<string[]>([]), some),
});
// `suggested`: what the counts say, as a button does.
const review = fc.record({
  kind: fc.constant('review' as const),
  by: owner,
  verdict: fc.constantFrom('suggested' as const, ...reviewVerdicts),
});
const answer = fc.record({
  kind: fc.constant('answer' as const),
  by: author,
  how: fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }),
});
const act = fc.oneof(
  submit,
  fc.record({ kind: fc.constant('decide' as const), by: owner, approved: some, rejected: some }),
  decideAll,
  review,
  answer,
  work,
);
type Step = typeof act extends fc.Arbitrary<infer Value> ? Value : never;
// Single acts at any time, and between them acts that belong together, so that a review loop is gone through too.
const handIn = fc.tuple(submit, work).map((steps): Step[] => steps);
const judge = fc
  .tuple(decideAll, owner, work)
  .map(([decided, by, after]): Step[] => [{ ...decided, by }, { kind: 'review', by, verdict: 'suggested' }, after]);
const reply = fc.tuple(answer, work).map((steps): Step[] => steps);
const acts = fc
  .array(
    fc.oneof(
      act.map((step): Step[] => [step]),
      handIn,
      { weight: 2, arbitrary: judge },
      { weight: 3, arbitrary: reply },
    ),
    { minLength: 8, maxLength: 16, size: 'max' },
  )
  .map((rounds) => rounds.flat());

/** What the act sends, aimed at the newest version as it stands. */
async function bodyOf(test: TestStore, version: Version, wanted: Exclude<Step, { kind: 'work' }>, turn: number) {
  const { reportId, versionId, counts } = version;
  const on = { reportId, versionId };
  const items = await readVersionItems(test.store.db, versionId);
  const here = (list: readonly string[]) => list.filter((key) => items.some((item) => item.itemKey === key));
  switch (wanted.kind) {
    case 'submit': {
      const edits = await Promise.all(
        here(wanted.edits).map((key) => edited(test, version, key, { text: `written in turn ${turn}` })),
      );
      return { kind: 'version.submit', ...on, edits, note: wanted.note };
    }
    case 'decide':
    case 'decide all': {
      const rejected = new Set(wanted.rejected);
      const approved = wanted.kind === 'decide all' ? keys : wanted.approved;
      const pairs = here([...new Set([...approved, ...rejected])]).map(
        (key) => [key, rejected.has(key) ? reject('incorrect') : approve] as const,
      );
      return { kind: 'decisions.record', ...on, decisions: await boundTo(test, versionId, pairs) };
    }
    case 'review': {
      const { approved, rejected, pending } = counts;
      const verdict = wanted.verdict === 'suggested' ? suggestedVerdict(counts) : wanted.verdict;
      return { kind: 'review.submit', ...on, verdict, note: 'so', seen: { approved, rejected, pending } };
    }
    case 'answer': {
      const open = items.filter(needsAnswer);
      return {
        kind: 'revision.submit',
        ...on,
        answers: open.map((item, index) => answerTo(item, wanted.how[index] ?? 0, turn)),
        note: '',
      };
    }
  }
}

function answerTo({ itemKey, contentHash }: VersionItemBody, how: number, turn: number): Answer {
  const bound = { itemKey, contentHash };
  if (how === 0) return { ...bound, answer: 'edit', fields: { text: `revised in turn ${turn}` } };
  return { ...bound, answer: how === 1 ? 'keep' : 'dispute', rationale: 'it is so' };
}

/** The versions that came of it, by number: status and revision. */
async function play(steps: readonly Step[]): Promise<(string | number)[][]> {
  const test = await openTestStore();
  try {
    const { version } = await withProposed(test, 'observations', keys);
    const waiting: FollowUp[] = [];
    for (const [turn, wanted] of steps.entries()) {
      if (wanted.kind === 'work') {
        // Repeated like an activity whose answer was lost.
        const first = waiting.splice(0, 1);
        for (let time = 0; time < wanted.times; time += 1) await carryOut(test, first);
      } else {
        const body = await bodyOf(test, await newestOf(test, version), wanted, turn);
        const { followUps } = await test.send([test.laptops[wanted.by].operation(body as OperationBody)]);
        waiting.push(...followUps.filter(isWork));
      }
      await expectSound(test, version.reportId);
    }
    for (const work of waiting) await carryOut(test, [work]);
    await expectSound(test, version.reportId);
    const summary = await reportSummary(test.store, version.reportId);
    expect(ledgerFault(await readLedger(test.store, version.reportId), summary?.ledgerHead)).toBeNull();
    return (summary?.versions ?? []).map((row) => [row.status, row.revision]);
  } finally {
    await test.close();
  }
}

async function expectSound(test: TestStore, reportId: string): Promise<void> {
  const versions = (await reportSummary(test.store, reportId))?.versions ?? [];
  expect(versions.map((row) => row.number)).toEqual(versions.map((_row, index) => index + 1));
  expect(versions.filter((row) => row.status === 'approved').length).toBeLessThanOrEqual(1);
  expect(versions.filter((row) => row.status === 'pending' || row.status === 'draft').length).toBeLessThanOrEqual(1);
  const contents = new Map<string, VersionItemBody[]>();
  for (const row of versions) contents.set(row.versionId, await readVersionItems(test.store.db, row.versionId));
  for (const [index, row] of versions.entries()) {
    const items = contents.get(row.versionId) ?? [];
    const count = (verdict: VersionItemBody['verdict']) => items.filter((item) => item.verdict === verdict).length;
    expect(row.counts).toEqual({
      ...{ total: items.length, pending: count('pending'), approved: count('approved'), rejected: count('rejected') },
      disputed: items.filter((item) => item.verdict === 'rejected' && item.origin.kind === 'disputed').length,
    });
    expect(items.map((item) => item.position)).toEqual(items.map((_item, place) => place));
    const before = contents.get(versions[index - 1]?.versionId ?? '') ?? [];
    for (const item of items) expectTraceable(item, row, versions, contents);
    // Observations follow from the data: none vanishes, least of all a disputed one.
    expect(items.map((item) => item.itemKey)).toEqual(keys);
    for (const earlier of before) {
      const now = items.find((item) => item.itemKey === earlier.itemKey);
      const isSame = now?.contentHash === earlier.contentHash;
      if (earlier.origin.kind === 'disputed' && earlier.verdict === 'rejected' && isSame) {
        expect(now?.origin.kind).toBe('disputed');
      }
      // Carried with its approval, or changed and by its author.
      if (now?.origin.kind === 'carried') expect(isSame).toBe(true);
      if (!isSame) expect(now?.origin.kind).toBe('edited');
    }
  }
}

function expectTraceable(
  item: VersionItemBody,
  version: Version,
  versions: readonly Version[],
  contents: ReadonlyMap<string, VersionItemBody[]>,
): void {
  const { origin } = item;
  if (origin.kind === 'new') return;
  if (!('itemKey' in origin)) throw new Error(`an observation came as ${origin.kind}`);
  const from = versions.find((row) => row.versionId === origin.versionId);
  expect(from?.number).toBe(origin.versionNumber);
  expect(origin.versionNumber).toBeLessThan(version.number);
  const original = contents.get(origin.versionId)?.find((row) => row.itemKey === origin.itemKey);
  expect(original?.itemKey).toBe(item.itemKey);
  if (origin.kind !== 'edited') expect(original?.contentHash).toBe(item.contentHash);
}

it(
  `keeps one current version, numbers without gaps and every item’s origin (seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const seen = { approved: 0, revised: 0 };
    const property = fc.asyncProperty(acts, async (steps) => {
      const versions = await play(steps);
      seen.approved += versions.some(([status]) => status === 'approved') ? 1 : 0;
      seen.revised += versions.some(([, revision]) => Number(revision) > 0) ? 1 : 0;
    });
    await fc.assert(property, { numRuns: 40, seed });
    // It speaks of something: of reviews that were gone through, and of revisions.
    expect(Math.min(seen.approved, seen.revised)).toBeGreaterThan(0);
  },
);
