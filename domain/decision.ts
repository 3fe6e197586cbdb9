// Owns verdicts on single items and the reason codes of a rejection. Knows nothing about reviews as a whole.
import { z } from 'zod';
import type { Reason } from './operation.ts';
import { phaseOf } from './phases.ts';
import type { PhaseSlug } from './phases.ts';

export const verdicts = ['pending', 'approved', 'rejected'] as const;
export const verdictSchema = z.enum(verdicts);
/** Where an item stands. A carried item is `approved`; that it is carried is its origin, not another verdict. */
export type Verdict = z.infer<typeof verdictSchema>;

/** The longest note anyone may write, in characters. */
export const noteLimit = 10_000;
export const noteSchema = z.string().max(noteLimit, `a note has at most ${noteLimit.toLocaleString('en')} characters`);

export const reasonCodes = [
  'outside-population',
  'duplicate',
  'voided',
  'document-unavailable',
  'too-costly',
  'incorrect',
  'incomplete',
  'not-agreed',
  'other',
] as const;
export const reasonCodeSchema = z.enum(reasonCodes);
export type ReasonCode = z.infer<typeof reasonCodeSchema>;

interface ReasonRule {
  name: string;
  /** The rejected row may be replaced by another one. */
  replaceable: boolean;
  noteRequired: boolean;
  /** What it can be said of. */
  of: 'samples' | 'other items' | 'all';
}

/** What each reason allows. */
export const reasonRules: Readonly<Record<ReasonCode, ReasonRule>> = {
  'outside-population': { name: 'outside the population', replaceable: true, noteRequired: false, of: 'samples' },
  duplicate: { name: 'duplicate', replaceable: true, noteRequired: false, of: 'samples' },
  voided: { name: 'voided', replaceable: true, noteRequired: false, of: 'samples' },
  'document-unavailable': { name: 'document unavailable', replaceable: false, noteRequired: false, of: 'samples' },
  'too-costly': { name: 'too costly to test', replaceable: false, noteRequired: false, of: 'samples' },
  incorrect: { name: 'not correct', replaceable: false, noteRequired: false, of: 'other items' },
  incomplete: { name: 'not complete', replaceable: false, noteRequired: false, of: 'other items' },
  'not-agreed': { name: 'not agreed', replaceable: false, noteRequired: true, of: 'other items' },
  other: { name: 'other', replaceable: false, noteRequired: true, of: 'all' },
};

/** The reasons that an item of a phase can be rejected for. */
export function reasonsFor(phase: PhaseSlug): ReasonCode[] {
  const of = phase === 'sample-selection' ? 'samples' : 'other items';
  return reasonCodes.filter((code) => reasonRules[code].of === of || reasonRules[code].of === 'all');
}

/** Why an item of a phase cannot be rejected for this reason, or null when it can. What can be said of a row of the population cannot be said of a rule or a section. */
export function whyNotReason(phase: PhaseSlug, itemKey: string, reasonCode: ReasonCode | null): Reason | null {
  if (reasonCode === null || reasonsFor(phase).includes(reasonCode)) return null;
  const { itemName } = phaseOf(phase);
  const may = reasonsFor(phase).map((code) => reasonRules[code].name);
  const message = `${itemKey}: a ${itemName} is not rejected as "${reasonRules[reasonCode].name}", but as ${may.join(', ')}`;
  return { code: 'malformed', message };
}

/** The decided part of a decision: what a reviewer says about one item. */
export const itemVerdictSchema = z
  .strictObject({
    verdict: verdictSchema,
    reasonCode: reasonCodeSchema.nullable().default(null),
    note: noteSchema.default(''),
  })
  .superRefine((value, context) => {
    for (const problem of verdictProblems(value)) context.addIssue({ code: 'custom', ...problem });
  });
export type ItemVerdict = z.infer<typeof itemVerdictSchema>;

/** What is wrong with a verdict, as messages for a person; empty when nothing is. */
export function verdictProblems(value: ItemVerdict): { path: string[]; message: string }[] {
  if (value.verdict !== 'rejected') {
    return value.reasonCode === null
      ? []
      : [{ path: ['reasonCode'], message: 'only a rejection carries a reason code' }];
  }
  if (value.reasonCode === null) return [{ path: ['reasonCode'], message: 'a rejection needs a reason code' }];
  const rule = reasonRules[value.reasonCode];
  return rule.noteRequired && value.note.trim() === ''
    ? [{ path: ['note'], message: `the reason "${rule.name}" needs a note` }]
    : [];
}

/** A decision as the store keeps it and the feed brings it. */
export interface Decision extends ItemVerdict {
  versionId: string;
  itemKey: string;
  actorId: string;
  operationId: string;
  /** When the person decided, by that laptop's clock. */
  decidedAt: string;
  /** When the workflow got it, by the workflow's clock. */
  receivedAt: string;
  /** When the store applied it. */
  appliedAt: string;
}
