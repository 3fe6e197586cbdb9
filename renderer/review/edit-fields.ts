// Owns how the fields that people may edit are asked for: as a flag, one of some choices, a line or a text. The fields are the domain's.
import { risks, ruleKinds } from '../../domain/phase-item.ts';
import type { ItemFields } from '../../domain/phase-item.ts';
import type { ItemBody } from '../../domain/version.ts';
import type { ItemRow } from '../../preload/contract.ts';

export type FieldInput = { label: string } & (
  { kind: 'flag' } | { kind: 'choice'; choices: readonly string[] } | { kind: 'line' } | { kind: 'text' }
);

const inputs: Readonly<Record<string, FieldInput>> = {
  mandatory: { kind: 'flag', label: 'Mandatory' },
  key: { kind: 'flag', label: 'Key' },
  criticalDataElement: { kind: 'flag', label: 'Critical data element' },
  description: { kind: 'text', label: 'Description' },
  kind: { kind: 'choice', label: 'Kind of rule', choices: ruleKinds },
  attribute: { kind: 'line', label: 'Attribute' },
  otherAttribute: { kind: 'line', label: 'Other attribute' },
  parameter: { kind: 'line', label: 'Parameter' },
  inScope: { kind: 'flag', label: 'In scope' },
  risk: { kind: 'choice', label: 'Risk', choices: risks },
  rationale: { kind: 'text', label: 'Rationale' },
  title: { kind: 'line', label: 'Title' },
  rating: { kind: 'choice', label: 'Rating', choices: risks },
  text: { kind: 'text', label: 'Text' },
  recommendation: { kind: 'text', label: 'Recommendation' },
};

/** How a field is asked for; a field nobody thought of is a line. */
export function inputOf(field: string): FieldInput {
  return inputs[field] ?? { kind: 'line', label: field };
}

/** What a row holds with its drafted edit laid over. */
export function editedBody(row: Pick<ItemRow, 'body' | 'edit' | 'answer'>): ItemBody | null {
  if (row.body === null) return null;
  if (row.edit?.edit === 'set') return { ...row.body, ...row.edit.fields };
  return row.answer?.answer === 'edit' ? { ...row.body, ...row.answer.fields } : row.body;
}

/** Only what differs: an edit names the fields that it changes. */
export function changedFields(before: ItemBody, after: ItemFields): ItemFields {
  return Object.fromEntries(Object.entries(after).filter(([field, value]) => (before[field] ?? null) !== value));
}
