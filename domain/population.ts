// Owns what is known about an imported population. Reading and profiling it is the worker's.

/** A column as the profile found it. Values longer than 300 characters are cut and end in `…`. */
export interface ColumnProfile {
  name: string;
  type: 'integer' | 'decimal' | 'text' | 'date' | 'timestamp' | 'boolean';
  nulls: number;
  /** Texts that are empty or only white space. */
  blanks: number;
  distinct: number;
  min: string | null;
  max: string | null;
  /** Up to five values as they stand in the file. */
  examples: string[];
  /** Up to twelve most frequent values with their counts, when at most 200 are distinct; else empty. */
  frequent: { value: string; count: number }[];
  /** Values at the 0th, 1st … 100th percentile for numbers and dates, as numbers (epoch days for dates); else empty. */
  percentiles: number[];
  key: KeyFitness;
}

/** Whether a column can be the key, and if not, the first ten rows that prevent it (row 1 is the first data row). */
export interface KeyFitness {
  unique: boolean;
  duplicates: { value: string; rows: number[] }[];
  blankRows: number[];
}

/** A population as a report knows it. */
export interface Population {
  /** SHA-256 of the file as it was received, which is its id. */
  populationHash: string;
  reportId: string;
  fileName: string;
  fileSize: number;
  importedBy: string;
  importedAt: string;
  state:
    | { kind: 'importing' }
    | { kind: 'failed'; message: string }
    | {
        kind: 'ready';
        rowCount: number;
        delimiter: string;
        encoding: string;
        columns: ColumnProfile[];
        /** The asked key column, or the proposed one; null when no column can be the key. */
        keyColumn: string | null;
        warnings: string[];
      };
}

/** Why a column cannot be the key, for a person; null when it can. */
export function keyProblem(column: ColumnProfile): string | null {
  if (column.key.unique) return null;
  const { blankRows, duplicates } = column.key;
  if (blankRows.length > 0) {
    const rows = blankRows.map((row) => row.toLocaleString('en')).join(', ');
    return `the key column "${column.name}" is blank in row ${rows}${column.nulls + column.blanks > blankRows.length ? ' and more' : ''}: choose another column or complete the file`;
  }
  // Columns that mostly repeat are not looked through for the first ten: no row of them is an exception.
  if (duplicates.length === 0) {
    const blank = column.nulls + column.blanks > 0 ? ' and has blanks' : '';
    return `the key column "${column.name}" repeats its values (it has only ${column.distinct.toLocaleString('en')} different ones)${blank}: choose another column`;
  }
  const named = duplicates.map(({ value, rows }) => `${value} (rows ${rows.join(', ')})`).join('; ');
  return `the key column "${column.name}" has duplicate keys: ${named}${duplicates.length === 10 ? ' and perhaps more' : ''}. Choose another column or correct the file`;
}
