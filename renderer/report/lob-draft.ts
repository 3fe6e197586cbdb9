// Owns a source of the lines of business as it is typed or chosen. Pure; what fits the population is the domain's to say.
import type { LobSource } from '../../domain/operation.ts';
import { lobLimit } from '../../domain/operation.ts';
import { twiceNamed } from '../../domain/control.ts';
import type { ColumnProfile } from '../../domain/population.ts';
import { count, counted } from '../formats.ts';

/** `later`: nobody chose yet. `names` are one a line. */
export interface LobDraft {
  kind: 'later' | LobSource['kind'];
  column: string;
  names: string;
}

export const freshLobs: LobDraft = { kind: 'later', column: '', names: '' };

/** What stands in a report, as a draft. */
export function draftOfSource(source: LobSource | null): LobDraft {
  if (source === null) return freshLobs;
  if (source.kind === 'none') return { ...freshLobs, kind: 'none' };
  return { kind: source.kind, column: source.column, names: source.kind === 'list' ? source.names.join('\n') : '' };
}

/** The names of a text with one name a line. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The source that the draft comes to; null for `later`. */
export function sourceOf(draft: LobDraft): LobSource | null {
  const column = draft.column.trim();
  switch (draft.kind) {
    case 'later':
      return null;
    case 'none':
      return { kind: 'none' };
    case 'column':
      return { kind: 'column', column };
    case 'list':
      return { kind: 'list', column, names: linesOf(draft.names) };
  }
}

/** What is missing in the draft itself, or null. */
export function whyNotLobs(draft: LobDraft): string | null {
  if (draft.kind === 'later' || draft.kind === 'none') return null;
  if (draft.column.trim() === '') return 'Name the column that holds the line of business';
  if (draft.kind === 'column') return null;
  const names = linesOf(draft.names);
  if (names.length === 0) return 'Name at least one line of business, one a line';
  if (names.length > lobLimit) return `A report has at most ${count(lobLimit)} lines of business`;
  const twice = twiceNamed(names);
  return twice === null ? null : `The line of business ${twice} is named twice`;
}

/** "the values of EDUCATION", as it follows "Lines of business:". */
export function sourceWords(source: LobSource | null): string {
  if (source === null) return 'not chosen: one for the whole report';
  if (source.kind === 'none') return 'none: the report is tested as a whole';
  if (source.kind === 'column') return `every value of ${source.column}`;
  return `${source.names.join(', ')} of ${source.column}`;
}

/** What a column would give: "4 lines of business: 1 (2,000), 2 (900) …". */
export function columnWords(column: ColumnProfile): string {
  const blank = column.nulls + column.blanks;
  const lines = column.distinct + (blank > 0 ? 1 : 0);
  const known = column.frequent.map((row) => `${row.value} (${count(row.count)})`);
  const shown = known.length === column.distinct ? known : [...known, '…'];
  const all = blank > 0 ? [...shown, `(none) (${count(blank)})`] : shown;
  return `${counted(lines, 'line')} of business${all.length > 0 ? `: ${all.join(', ')}` : ''}`;
}
