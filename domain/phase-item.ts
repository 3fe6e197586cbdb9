// Owns what one item of each proposed phase looks like, which of its fields people may edit, and the edits themselves.
// Samples are rows of the population and are not edited. Knows no storage and no screen.
import { z } from 'zod';
import { noteSchema } from './decision.ts';
import type { PhaseSlug } from './phases.ts';
import type { ItemBody } from './version.ts';

/** A planning attribute; its key is the column's name. */
export type AttributeBody = {
  attribute: string;
  type: string;
  mandatory: boolean;
  key: boolean;
  criticalDataElement: boolean;
  description: string;
};

export const ruleKinds = ['completeness', 'uniqueness', 'range', 'allowed-values', 'format', 'cross-column'] as const;
export type RuleKind = (typeof ruleKinds)[number];

/** A profiling rule with what running it on the population gave. */
export type RuleBody = {
  kind: RuleKind;
  attribute: string;
  /** The other column of a cross-column rule; null otherwise. */
  otherAttribute: string | null;
  /** `range`: `min..max`, either may be left out; `allowed-values`: values parted by `|`; `format`: a regular expression (RE2);
   *  `cross-column`: one of `<`, `<=`, `=`, `>=`, `>`; empty for the others. */
  parameter: string;
  description: string;
  /** Rows that the rule speaks of; an empty value is only the business of completeness. */
  checked: number;
  passed: number;
  exceptions: number;
  /** passed / checked, rounded to 6 digits; null when no row was checked. */
  passRate: number | null;
  /** Keys of the first ten exceptions, parted by `, `. */
  exceptionKeys: string;
  /** Why it could not be run; empty when it ran. */
  fault: string;
};

export const risks = ['high', 'medium', 'low'] as const;
export type Risk = (typeof risks)[number];

/** A scoping decision; its key is the attribute. */
export type ScopingBody = {
  attribute: string;
  inScope: boolean;
  risk: Risk;
  rationale: string;
  criticalDataElement: boolean;
  /** Exceptions of the approved profiling rules on it; null when profiling was skipped. */
  exceptions: number | null;
};

/** An observation; its key is the attribute, its line the LOB. */
export type ObservationBody = {
  attribute: string;
  lob: string;
  title: string;
  rating: Risk;
  text: string;
  recommendation: string;
  /** Test actions on the attribute in this LOB, and those that count as deviations. */
  tested: number;
  deviations: number;
  notTestable: number;
  /** Keys of the deviating samples, parted by `, `; the first fifty. */
  sampleKeys: string;
};

/** A section of the test report. Figures stand in fields of their own, so that a comparison shows which changed. */
export type SectionBody = { section: string; title: string; text: string } & ItemBody;

/** The fields that people may change, by phase; all others follow from the data. Empty: nothing is edited. */
export const editableFields: Readonly<Record<PhaseSlug, readonly string[]>> = {
  planning: ['mandatory', 'key', 'criticalDataElement', 'description'],
  'data-profiling': ['kind', 'attribute', 'otherAttribute', 'parameter', 'description'],
  scoping: ['inScope', 'risk', 'rationale'],
  'sample-selection': [],
  'data-owner-id': [],
  'request-info': [],
  'test-execution': [],
  observations: ['title', 'rating', 'text', 'recommendation'],
  'test-report': ['title', 'text'],
};

/** Phases in which people may add items of their own and take proposed ones out: rules are chosen, the rest follows from the data. */
export function mayAddItems(phase: PhaseSlug): boolean {
  return phase === 'data-profiling';
}

const scalarSchema = z.union([z.string().max(20_000), z.number(), z.boolean(), z.null()]);
export const itemFieldsSchema = z.record(z.string().min(1).max(300), scalarSchema);
const itemKeySchema = z.string().min(1).max(500);
const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);

export const editSchema = z.discriminatedUnion('edit', [
  /** Changes fields of an item; bound to the content that the screen showed. */
  z.strictObject({ edit: z.literal('set'), itemKey: itemKeySchema, contentHash: hashSchema, fields: itemFieldsSchema }),
  z.strictObject({ edit: z.literal('add'), itemKey: itemKeySchema, fields: itemFieldsSchema }),
  z.strictObject({
    edit: z.literal('remove'),
    itemKey: itemKeySchema,
    contentHash: hashSchema,
    reason: noteSchema.min(1, 'taking an item out needs a reason'),
  }),
]);
/** What somebody wants changed in the next version. */
export type Edit = z.infer<typeof editSchema>;
export type ItemFields = z.infer<typeof itemFieldsSchema>;
