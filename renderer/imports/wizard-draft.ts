// Owns what was typed in the import wizard until it is recorded: kept as a preference, so that it survives closing. Pure parts first.
import { useEffect, useState } from 'react';
import { allocate } from '../../domain/sampling/allocation.ts';
import type { Allocation } from '../../domain/sampling/allocation.ts';
import { acceptableAtSize, planSample } from '../../domain/sampling/plan.ts';
import type { ImpossiblePlan, SamplePlan } from '../../domain/sampling/plan.ts';
import type { LobState, Report } from '../../domain/change.ts';
import { noLob } from '../../domain/in-scope.ts';
import type { ColumnProfile, Population } from '../../domain/population.ts';
import type { Version } from '../../domain/version.ts';
import { bridge } from '../bridge.ts';
import { perform } from '../use-command.ts';

/** What a person chose so far. Rates are percentages as typed. */
export interface WizardDraft {
  populationHash: string | null;
  keyColumn: string | null;
  lobColumn: string | null;
  /** Planned for this line of business alone; null: over the whole. */
  lob: string | null;
  risk: string;
  tolerable: string;
  expected: string;
  /** A larger size than computed, as typed; empty for the computed one. */
  sampleSize: string;
  /** Empty: the system makes one. */
  seed: string;
  /** The plan that was recorded from this draft, until it is drawn. */
  planId: string | null;
  /** Rows that are added to the random ones, each with its reason. */
  targeted: readonly { itemKey: string; reason: string }[];
}

export const freshDraft: WizardDraft = {
  populationHash: null,
  keyColumn: null,
  lobColumn: null,
  lob: null,
  risk: '5',
  tolerable: '5',
  expected: '0',
  sampleSize: '',
  seed: '',
  planId: null,
  targeted: [],
};

/** A population whose profile is there. */
export type ReadyPopulation = Population & { state: Extract<Population['state'], { kind: 'ready' }> };

export function isReady(population: Population): population is ReadyPopulation {
  return population.state.kind === 'ready';
}

/** A typed percentage as a fraction ("5", "2.5 %", "2,5"); NaN when it is none. */
export function fractionOf(text: string): number {
  const clean = text.trim().replace(/\s*%$/, '').replace(',', '.');
  return /^\d{1,3}(\.\d{1,9})?$/.test(clean) ? Number(`${clean}e-2`) : Number.NaN;
}

/** The plan the draft comes to. A larger size than computed is taken over, with what it may show. */
export function planOf(draft: WizardDraft, populationSize: number): SamplePlan | ImpossiblePlan {
  const plan = planSample({
    risk: fractionOf(draft.risk),
    tolerable: fractionOf(draft.tolerable),
    expected: fractionOf(draft.expected),
    populationSize,
  });
  if (plan.kind === 'impossible' || draft.sampleSize.trim() === '') return plan;
  const size = Number(draft.sampleSize);
  try {
    return { ...plan, sampleSize: size, acceptableDeviations: acceptableAtSize(plan, size) };
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'impossible', reason: 'bad-input', message: error.message };
    throw error;
  }
}

/** Columns that can be lines of business: few enough values to name each. */
export function lobColumns(columns: readonly ColumnProfile[]): ColumnProfile[] {
  return columns.filter((column) => column.distinct > 1 && column.frequent.length === column.distinct);
}

/** The column that the report's lines of business come from; null where it has none, or nobody chose. */
export function lobColumnOf(report: Pick<Report, 'lobSource'> | null): string | null {
  const source = report?.lobSource ?? null;
  return source === null || source.kind === 'none' ? null : source.column;
}

/** How many rows the sample is of: the population's, or those of the one line of business. */
export function rowsPlanned(draft: WizardDraft, population: ReadyPopulation, lobs: readonly LobState[]): number {
  if (draft.lob === null) return population.state.rowCount;
  return lobs.find((row) => row.lob === draft.lob)?.rows ?? 0;
}

/** How the sample falls on the values of its column; null without one, and for one line of business alone. */
export function sharesOf(draft: WizardDraft, population: ReadyPopulation, sampleSize: number): Allocation | null {
  const column = population.state.columns.find((one) => one.name === draft.lobColumn);
  // The profile names the values only of columns that have few: of others nothing can be shown beforehand.
  if (!column || draft.lob !== null || column.frequent.length < column.distinct) return null;
  const blank = column.nulls + column.blanks;
  const strata = column.frequent.map(({ value, count }) => ({ name: value, count }));
  return allocate({ sampleSize, strata: blank > 0 ? [...strata, { name: noLob, count: blank }] : strata });
}

type SampleVersion = Pick<Version, 'phase' | 'lob' | 'status' | 'number'>;
const standing = (versions: readonly SampleVersion[]): SampleVersion[] =>
  versions.filter((row) => row.phase === 'sample-selection' && (row.status === 'pending' || row.status === 'approved'));

/**
 * Why a sample cannot be planned over the whole (`lob` null) or for one line of business alone, beside the samples that stand; null
 * when it can. Limits of the one do not hold for the other.
 */
export function whyNotPlanFor(lob: string | null, versions: readonly SampleVersion[]): string | null {
  const other = standing(versions).find((row) => (row.lob === null) !== (lob === null));
  if (!other) return null;
  return lob === null
    ? `The sample of ${other.lob} was planned for it alone: plan the others for themselves too`
    : 'The sample was planned over the whole: one for a line of business alone cannot stand beside it';
}

/** "340 rows · v1 approved": how far the sample of a line of business is. */
export function lobSampleWords(lane: LobState, versions: readonly SampleVersion[]): string {
  if (lane.withoutSamples !== null) return `without samples: ${lane.withoutSamples}`;
  const own = standing(versions).find((row) => row.lob === lane.lob);
  return own ? `v${own.number} ${own.status}` : 'no sample yet';
}

/** The first line of business that wants a sample still; null when each has one, or a reason for having none. */
export function nextLob(lobs: readonly LobState[], versions: readonly SampleVersion[]): string | null {
  const taken = new Set(standing(versions).map((row) => row.lob));
  const open = lobs.find((row) => row.status !== 'cancelled' && row.withoutSamples === null && !taken.has(row.lob));
  return open?.lob ?? null;
}

/** Why a row cannot be added as a targeted one, or null. */
export function whyNotTarget(
  pick: { itemKey: string; reason: string },
  targeted: WizardDraft['targeted'],
): string | null {
  if (pick.itemKey.trim() === '') return 'Name the row by its key';
  if (targeted.some((row) => row.itemKey === pick.itemKey.trim())) return 'This row is among the targeted ones already';
  return pick.reason.trim() === '' ? 'Say why this row: the reason goes with it' : null;
}

const nameOf = (reportId: string) => `import-wizard.${reportId}`;

/** The draft of a report's wizard and how to change it. Null until it was read back. */
export function useWizardDraft(reportId: string): [WizardDraft | null, (change: Partial<WizardDraft>) => void] {
  const [draft, setDraft] = useState<WizardDraft | null>(null);
  useEffect(() => {
    let current = true;
    void bridge()
      .invoke('preference:get', { name: nameOf(reportId) })
      .then((result) => {
        const kept = result.ok && typeof result.value.value === 'object' ? result.value.value : {};
        if (current) setDraft({ ...freshDraft, ...kept });
      });
    return () => {
      current = false;
    };
  }, [reportId]);
  const change = (part: Partial<WizardDraft>) => {
    const next = { ...(draft ?? freshDraft), ...part };
    setDraft(next);
    void perform('preference:set', { name: nameOf(reportId), value: { ...next, targeted: [...next.targeted] } });
  };
  return [draft, change];
}
