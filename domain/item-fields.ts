// Owns which values the editable fields of an item may have. Asked by the screen beforehand and by the worker where it counts.
// Knows no version and no role.
import type { Reason } from './operation.ts';
import { editableFields, risks, ruleKinds } from './phase-item.ts';
import type { ItemFields } from './phase-item.ts';
import { phaseOf } from './phases.ts';
import type { PhaseSlug } from './phases.ts';
import type { ItemBody } from './version.ts';

type Value = ItemBody[string];

/** What a field holds. `fill`: what a new item has where nobody said anything; absent: somebody has to. */
interface FieldRule {
  fits: (value: Value) => boolean;
  /** As it follows "has to be". */
  words: string;
  fill?: Value;
}

const flag: FieldRule = { fits: (value) => typeof value === 'boolean', words: 'yes or no' };
const text: FieldRule = { fits: (value) => typeof value === 'string', words: 'a text', fill: '' };
const filled: FieldRule = {
  fits: (value) => typeof value === 'string' && value.trim() !== '',
  words: 'a text that is not empty',
};
const textOrNothing: FieldRule = {
  fits: (value) => value === null || typeof value === 'string',
  words: 'a text or nothing',
  fill: null,
};
function oneOf(names: readonly string[]): FieldRule {
  return { fits: (value) => names.some((name) => name === value), words: `one of ${names.join(', ')}` };
}

const rules: Readonly<Record<PhaseSlug, Readonly<Record<string, FieldRule>>>> = {
  planning: { mandatory: flag, key: flag, criticalDataElement: flag, description: text },
  'data-profiling': {
    kind: oneOf(ruleKinds),
    attribute: filled,
    otherAttribute: textOrNothing,
    parameter: text,
    description: text,
  },
  scoping: { inScope: flag, risk: oneOf(risks), rationale: filled },
  'sample-selection': {},
  'data-owner-id': {},
  'request-info': {},
  'test-execution': {},
  observations: { title: filled, rating: oneOf(risks), text: filled, recommendation: text },
  'test-report': { title: filled, text },
};

/** Why fields of an item cannot be set so, or null when they can. */
export function whyNotFields(phase: PhaseSlug, fields: ItemFields): Reason | null {
  const editable = editableFields[phase];
  const { itemName, itemsName } = phaseOf(phase);
  for (const [name, value] of Object.entries(fields)) {
    if (!editable.includes(name)) {
      const may = editable.length === 0 ? `${itemsName} are not edited` : `these may be: ${editable.join(', ')}`;
      return { code: 'not-editable', message: `"${name}" of a ${itemName} follows from the data; ${may}` };
    }
    const rule = Object.hasOwn(rules[phase], name) ? rules[phase][name] : undefined;
    if (rule && !rule.fits(value)) {
      return { code: 'malformed', message: `"${name}" of a ${itemName} has to be ${rule.words}` };
    }
  }
  return null;
}

/** The editable fields of a new item, filled up where nobody said anything; or the field that somebody has to name. */
export function filledFields(phase: PhaseSlug, fields: ItemFields): { fields: ItemFields } | { missing: string } {
  const whole: Record<string, Value> = {};
  for (const name of editableFields[phase]) {
    const given = Object.hasOwn(fields, name) ? fields[name] : rules[phase][name]?.fill;
    if (given === undefined) return { missing: name };
    whole[name] = given;
  }
  return { fields: whole };
}
