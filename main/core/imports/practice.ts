// Owns the practice cycle of solo mode: who takes part, and a small population made here from a seed. Its evidence is in
// practice-evidence.ts. Knows no sync and no screen.
import { createHash, randomUUID } from 'node:crypto';
import type { OperationBody } from '../../../domain/operation.ts';

/** Who does what when a newcomer starts a practice cycle: the manager starts it, the tester brings the population. */
export const practiceParts = {
  manager: 'mara',
  tester: 'tara',
  secondTester: 'tom',
  owner: 'olga',
  lead: 'lena',
  dataOwner: 'dana',
} as const;

export const practiceRows = 1_200;
export const practiceFileName = 'practice-accounts.csv';
/** The column that is unique, and the one whose values are the lines of business. */
export const practiceColumns = { key: 'ID', lob: 'REGION' } as const;

/** The start of a practice cycle with one report and all identities in it. */
export function practiceCycle(today: string): Extract<OperationBody, { kind: 'cycle.start' }> {
  return {
    kind: 'cycle.start',
    cycleId: randomUUID(),
    name: `Practice cycle of ${today}`,
    reports: [
      {
        reportId: randomUUID(),
        name: 'Practice: customer accounts',
        dueAt: null,
        lobs: { kind: 'column', column: practiceColumns.lob },
        skips: [],
        deadlines: [],
        assignments: [
          { personId: practiceParts.tester, role: 'tester' },
          { personId: practiceParts.secondTester, role: 'tester' },
          { personId: practiceParts.owner, role: 'report-owner' },
          { personId: practiceParts.lead, role: 'test-lead' },
          { personId: practiceParts.manager, role: 'test-manager' },
          { personId: practiceParts.dataOwner, role: 'data-owner' },
        ],
      },
    ],
  };
}

/** The seed of a report's practice data: follows from its id, so that whoever knows the report can make the data again. */
export function practiceSeed(reportId: string): number {
  return createHash('sha256').update(reportId).digest().readUInt32BE(0);
}

/** One row of the practice population; all values are texts as they stand in the file. */
export type PracticeAccount = Readonly<Record<(typeof columns)[number], string>>;

const columns = [
  'ID',
  'CUSTOMER',
  'REGION',
  'PRODUCT',
  'OPENED',
  'REVIEWED',
  'BALANCE',
  'CURRENCY',
  'RISK_GRADE',
] as const;
export const practiceRegions = ['North', 'South', 'East', 'West'] as const;
const products = ['Current account', 'Savings', 'Mortgage', 'Business loan', 'Credit card'] as const;
const grades = ['A', 'A', 'A', 'B', 'B', 'C', 'D'] as const;
const firstNames = [
  'Ada',
  'Boris',
  'Chloé',
  'Dmitri',
  'Elif',
  'Farid',
  'Grete',
  'Hana',
  'Ines',
  'Jun',
  'Kofi',
  'Lucía',
] as const;
const lastNames = [
  'Adler',
  'Bianchi',
  'Costa',
  'Dvořák',
  'Eriksen',
  'Fischer',
  'Gallo',
  'Hughes',
  'Ivanova',
  'Jansen',
] as const;

/** How often each kind of untidiness stands in the population, so that profiling finds something. */
const untidy = { noCustomer: 0.004, noGrade: 0.006, lowerCurrency: 0.004, reviewedBefore: 0.005 } as const;

/** The rows of the population, made from a seed: the same seed makes the same rows. */
export function practiceAccounts(seed: number): PracticeAccount[] {
  const next = practiceNumbers(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item;
  return Array.from({ length: practiceRows }, (_, row): PracticeAccount => {
    const openedMs = Date.UTC(2012, 0, 1) + Math.floor(next() * 4_700) * dayMs;
    const customer = `${pick(firstNames)} ${pick(lastNames)}`;
    const currency = next() < 0.85 ? 'EUR' : 'USD';
    const reviewedMs = openedMs + Math.floor((next() < untidy.reviewedBefore ? -1 : 1) * (1 + next() * 300)) * dayMs;
    return {
      ID: String(10_001 + row),
      CUSTOMER: next() < untidy.noCustomer ? '' : customer,
      REGION: pick(practiceRegions),
      PRODUCT: pick(products),
      OPENED: dayOf(openedMs),
      REVIEWED: dayOf(reviewedMs),
      BALANCE: (next() ** 3 * 250_000 - 1_500).toFixed(2),
      CURRENCY: next() < untidy.lowerCurrency ? currency.toLowerCase() : currency,
      RISK_GRADE: next() < untidy.noGrade ? '' : pick(grades),
    };
  });
}

const dayMs = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Accounts as CSV in UTF-8. */
export function practiceCsv(accounts: readonly PracticeAccount[]): Uint8Array {
  const lines = accounts.map((account) => columns.map((column) => account[column]).join(','));
  return Buffer.from(`${[columns.join(','), ...lines].join('\r\n')}\r\n`, 'utf8');
}

/** Numbers from 0 to below 1 (mulberry32): made-up data only, no sample is drawn with it. */
export function practiceNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
