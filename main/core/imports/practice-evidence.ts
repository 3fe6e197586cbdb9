// Owns the evidence of a practice report: what the source systems say of its accounts, a file for each line of business, with seeded
// differences from the population. Only the files say what was found; the list of differences is for whoever checks the testing.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '../durable-file.ts';
import { practiceAccounts, practiceCsv, practiceFileName, practiceNumbers, practiceRegions } from './practice.ts';
import type { PracticeAccount } from './practice.ts';

/** A value that the evidence has otherwise than the population. */
export interface PracticeDifference {
  lob: string;
  /** The account's ID. */
  itemKey: string;
  attribute: keyof PracticeAccount;
  expected: string;
  /** Empty where the source system has nothing. */
  found: string;
}

interface Seeded {
  attribute: keyof PracticeAccount;
  /** Share of the rows that differ. */
  rate: number;
  differs(value: string, number: number): string;
}

const otherGrade = (grade: string): string => (grade === 'D' ? 'C' : 'D');
const laterDay = (day: string): string => new Date(Date.parse(day) + 31 * 86_400_000).toISOString().slice(0, 10);

/** What is wrong where. In one line of business nothing is, so that testing it finds nothing to observe. */
const seeded: Readonly<Record<(typeof practiceRegions)[number], readonly Seeded[]>> = {
  North: [
    {
      attribute: 'BALANCE',
      rate: 0.2,
      differs: (value, number) => (Number(value) + 10 + Math.floor(number * 900)).toFixed(2),
    },
  ],
  South: [],
  East: [
    { attribute: 'RISK_GRADE', rate: 0.15, differs: otherGrade },
    { attribute: 'OPENED', rate: 0.1, differs: laterDay },
  ],
  West: [
    { attribute: 'CURRENCY', rate: 0.12, differs: (value) => (value.toUpperCase() === 'EUR' ? 'USD' : 'EUR') },
    { attribute: 'RISK_GRADE', rate: 0.1, differs: () => '' },
  ],
};

/** Every difference between the population of a seed and its evidence, in the order of the rows. */
export function practiceDifferences(seed: number): PracticeDifference[] {
  const next = practiceNumbers(seed ^ 0x5eed_e71d);
  return practiceAccounts(seed).flatMap((account) =>
    seeded[account.REGION as keyof typeof seeded].flatMap(({ attribute, rate, differs }) => {
      const [chance, number] = [next(), next()];
      const expected = account[attribute];
      // Nothing is said about a value that the population does not have.
      if (chance >= rate || expected === '') return [];
      return [{ lob: account.REGION, itemKey: account.ID, attribute, expected, found: differs(expected, number) }];
    }),
  );
}

/** The evidence of each line of business: all its rows with all columns, so that it serves whatever was drawn. */
export function practiceEvidence(seed: number): { lob: string; csv: Uint8Array }[] {
  const found = new Map<string, Partial<PracticeAccount>>();
  for (const { itemKey, attribute, found: value } of practiceDifferences(seed)) {
    found.set(itemKey, { ...found.get(itemKey), [attribute]: value });
  }
  const accounts = practiceAccounts(seed).map((account) => ({ ...account, ...found.get(account.ID) }));
  return practiceRegions.map((lob) => ({ lob, csv: practiceCsv(accounts.filter(({ REGION }) => REGION === lob)) }));
}

const evidenceFileName = (lob: string): string => `evidence-${lob.toLowerCase()}.csv`;

/** Writes population and evidence of a report into a folder of its own. @returns the population's path. */
export function writePracticeFiles(practiceDir: string, reportId: string, seed: number): string {
  const folder = join(practiceDir, reportId);
  for (const { lob, csv } of practiceEvidence(seed)) {
    writeFileDurably(join(folder, evidenceFileName(lob)), csv);
  }
  const population = join(folder, practiceFileName);
  writeFileDurably(population, practiceCsv(practiceAccounts(seed)));
  return population;
}

/** The evidence file of a line of business; null when the report is no practice report of this machine, or has no such line. */
export function findPracticeEvidence(
  practiceDir: string,
  reportId: string,
  lob: string,
): { path: string; fileName: string } | null {
  if (!practiceRegions.some((region) => region === lob)) return null;
  const fileName = evidenceFileName(lob);
  const path = join(practiceDir, reportId, fileName);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? { path, fileName } : null;
}
