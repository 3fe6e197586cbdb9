// Owns what was typed in the import wizard until it is recorded: kept as a preference, so that it survives closing. Pure parts first.
import { useEffect, useState } from 'react';
import { allocate } from '../../domain/sampling/allocation.ts';
import type { Allocation } from '../../domain/sampling/allocation.ts';
import { acceptableAtSize, planSample } from '../../domain/sampling/plan.ts';
import type { ImpossiblePlan, SamplePlan } from '../../domain/sampling/plan.ts';
import type { ColumnProfile, Population } from '../../domain/population.ts';
import { bridge } from '../bridge.ts';
import { perform } from '../use-command.ts';

/** What a person chose so far. Rates are percentages as typed. */
export interface WizardDraft {
  populationHash: string | null;
  keyColumn: string | null;
  lobColumn: string | null;
  risk: string;
  tolerable: string;
  expected: string;
  /** A larger size than computed, as typed; empty for the computed one. */
  sampleSize: string;
  /** Empty: the system makes one. */
  seed: string;
  /** The plan that was recorded from this draft, until it is drawn. */
  planId: string | null;
}

export const freshDraft: WizardDraft = {
  populationHash: null,
  keyColumn: null,
  lobColumn: null,
  risk: '5',
  tolerable: '5',
  expected: '0',
  sampleSize: '',
  seed: '',
  planId: null,
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

/** How the sample falls on the lines of business; null without a LOB column. */
export function sharesOf(draft: WizardDraft, population: ReadyPopulation, sampleSize: number): Allocation | null {
  const column = population.state.columns.find((one) => one.name === draft.lobColumn);
  if (!column) return null;
  const strata = column.frequent.map(({ value, count }) => ({ name: value, count }));
  return allocate({ sampleSize, strata });
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
    void perform('preference:set', { name: nameOf(reportId), value: { ...next } });
  };
  return [draft, change];
}
