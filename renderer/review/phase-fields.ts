// Owns how the fields of items are called and written in each phase, and which of them are columns first. Samples are rows of the
// population: their fields are its columns and keep their names and values. Pure; the fields are the domain's.
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ItemBody } from '../../domain/version.ts';
import { cell, percent } from '../formats.ts';

/** What a reviewer looks at first. The key already says the attribute, so it is no column beside it. */
const firstColumns: Partial<Record<PhaseSlug, readonly string[]>> = {
  planning: ['type', 'mandatory', 'key', 'criticalDataElement', 'description'],
  'data-profiling': ['exceptions', 'passRate', 'parameter', 'description'],
  scoping: ['inScope', 'risk', 'exceptions', 'rationale', 'criticalDataElement'],
  observations: ['title', 'rating', 'deviations', 'tested', 'text'],
  'test-report': ['title', 'text'],
};

/** Fractions of one. Elsewhere a field of such a name may be a value of the population. */
const rates: Partial<Record<PhaseSlug, RegExp>> = {
  'data-profiling': /^passRate$/,
  'test-report': /(^|: )(pass rate|rate|upperLimit|coverage|weight|risk|tolerable|expected)$/,
};

const names = new Map([
  ['lob', 'line of business'],
  ['sha256', 'SHA-256'],
  ['populationSha256', 'population SHA-256'],
]);

/** The values are those of somebody's data, not of this program: nothing is said about them in other words. */
const isData = (phase: PhaseSlug): boolean => phase === 'sample-selection' || phase === 'test-execution';

/** "criticalDataElement" as "Critical data element". Names with anything but letters and digits are left as they are. */
export function fieldLabel(phase: PhaseSlug, field: string): string {
  if (phase === 'sample-selection' || !/^[a-z][a-zA-Z0-9]*$/.test(field)) return field;
  const words = names.get(field) ?? field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value as a cell shows it: flags as yes and no, fractions as percentages. */
export function fieldText(phase: PhaseSlug, field: string, value: ItemBody[string] | undefined): string {
  if (typeof value === 'boolean' && !isData(phase)) return value ? 'yes' : 'no';
  if (typeof value === 'number' && rates[phase]?.test(field)) return percent(value);
  return cell(value);
}

/** The fields that are columns unless a person chooses others, the first the most important. `keyName`: the population's key column. */
export function columnFields(phase: PhaseSlug, fields: readonly string[], keyName: string): readonly string[] {
  const first = firstColumns[phase];
  return first ? first.filter((field) => fields.includes(field)) : fields.filter((field) => field !== keyName);
}

/** The fields of one item: sections of a report have figures of their own, everything else has what its phase has. */
export function ownFields(phase: PhaseSlug, fields: readonly string[], body: ItemBody): readonly string[] {
  return phase === 'test-report' ? fields.filter((field) => Object.hasOwn(body, field)) : fields;
}
