// Owns the practice cycle of solo mode: who takes part, and a small population made here from a seed. Knows no sync and no screen.
import { randomUUID } from 'node:crypto';
import type { OperationBody } from '../../../domain/operation.ts';

/** Who does what when a newcomer starts a practice cycle: the manager starts it, the tester brings the population. */
export const practiceParts = { manager: 'mara', tester: 'tara', owner: 'olga', lead: 'lena' } as const;

export const practiceRows = 1_200;

/** The start of a practice cycle with one report and all four identities in it. */
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
        assignments: [
          { personId: practiceParts.tester, role: 'tester' },
          { personId: practiceParts.owner, role: 'report-owner' },
          { personId: practiceParts.lead, role: 'test-lead' },
          { personId: practiceParts.manager, role: 'test-manager' },
        ],
      },
    ],
  };
}

const regions = ['North', 'South', 'East', 'West'] as const;
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

/** Accounts as CSV in UTF-8, made from a seed: the same seed makes the same bytes. */
export function practicePopulation(seed: number): Uint8Array {
  const next = numbersFrom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item;
  const lines = ['ID,CUSTOMER,REGION,PRODUCT,OPENED,BALANCE,CURRENCY,RISK_GRADE'];
  for (let row = 0; row < practiceRows; row += 1) {
    const opened = new Date(Date.UTC(2012, 0, 1) + Math.floor(next() * 4_700) * 86_400_000).toISOString().slice(0, 10);
    const balance = (next() ** 3 * 250_000 - 1_500).toFixed(2);
    const customer = `${pick(firstNames)} ${pick(lastNames)}`;
    const currency = next() < 0.85 ? 'EUR' : 'USD';
    lines.push(
      [10_001 + row, customer, pick(regions), pick(products), opened, balance, currency, pick(grades)].join(','),
    );
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'utf8');
}

/** Numbers from 0 to below 1 (mulberry32): made-up data only, no sample is drawn with it. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
