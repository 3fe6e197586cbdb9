// Owns what the shapes of a column's values tell about their format, as a regular expression (RE2). Pure; finding the shapes is the
// worker's. A shape has 9 for each digit, A for each of A–Z, a for each of a–z; every other character stands for itself.
import type { ColumnProfile } from './population.ts';

/** The most frequent shapes of a column's values, the most frequent first. */
export interface ColumnShapes {
  name: string;
  /** Rows with a value. */
  filled: number;
  /** At most 200; values of more than 60 characters have none. */
  shapes: { shape: string; count: number }[];
}

export interface Format {
  pattern: string;
  /** How it was chosen: one sentence. */
  words: string;
}

/**
 * The format that at least `share` of the filled rows have, null where there is none worth a rule. Numbers: digits written out, when
 * some are in scientific notation. Texts: one shape, or one with runs of any length; only with digits, or codes of capitals.
 */
export function formatOf({ filled, shapes }: ColumnShapes, type: ColumnProfile['type'], share: number): Format | null {
  if (type === 'decimal') return plainNumbers(shapes);
  const printable = shapes.filter(({ shape }) => !/\p{Cc}/u.test(shape));
  const [exact] = printable;
  if (exact && exact.count >= share * filled && (/9/u.test(exact.shape) || /^A+$/u.test(exact.shape))) {
    return { pattern: exactPattern(exact.shape), words: `At least ${share * 100} % of the values look like this.` };
  }
  const [loose] = looseShapes(printable);
  if (!loose || loose.count < share * filled || !loose.shape.includes('9')) return null;
  return { pattern: loosePattern(loose.shape), words: `At least ${share * 100} % of the values look like this.` };
}

function plainNumbers(shapes: ColumnShapes['shapes']): Format | null {
  const isScientific = (shape: string): boolean => /^-?9+(\.9+)?[Aa][+-]?9+$/u.test(shape);
  const count = shapes.filter(({ shape }) => isScientific(shape)).reduce((sum, found) => sum + found.count, 0);
  if (count === 0) return null;
  return {
    pattern: '-?[0-9]+([.][0-9]+)?',
    words: `Digits written out: ${count.toLocaleString('en')} values are in scientific notation, perhaps rounded by a spreadsheet.`,
  };
}

const classes: Readonly<Record<string, string>> = { '9': '[0-9]', A: '[A-Z]', a: '[a-z]' };
/** `2025-13-01` has the shape of a date and is none. */
const dayPattern = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])';

function exactPattern(shape: string): string {
  if (shape === '9999-99-99') return dayPattern;
  return shape.replaceAll(/(.)\1*/gsu, (run, character: string) => {
    const one = classes[character] ?? escaped(character);
    const length = run.length / character.length;
    return length === 1 ? one : `${one}{${length}}`;
  });
}

/** Shapes in which the length of a run does not count, with how many rows have each; the most frequent first. */
function looseShapes(shapes: ColumnShapes['shapes']): ColumnShapes['shapes'] {
  const counts = new Map<string, number>();
  for (const { shape, count } of shapes) {
    const loose = shape.replaceAll(/([9Aa])\1+/gu, '$1');
    counts.set(loose, (counts.get(loose) ?? 0) + count);
  }
  return [...counts].map(([shape, count]) => ({ shape, count })).sort((a, b) => b.count - a.count);
}

function loosePattern(shape: string): string {
  return shape.replaceAll(/./gsu, (character) => (classes[character] ? `${classes[character]}+` : escaped(character)));
}

function escaped(character: string): string {
  return /[\\.+*?()|[\]{}^$]/u.test(character) ? `\\${character}` : character;
}
