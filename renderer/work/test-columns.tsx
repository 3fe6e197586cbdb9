// Owns the columns of the testing table and the words of a result. Decides nothing.
import type { TestResult } from '../../domain/audit-record.ts';
import type { TestRow } from '../../preload/contract.ts';
import { cell, isNumeric } from '../formats.ts';
import { DeliveryMark, Mark } from '../marks.tsx';
import type { GlyphName } from '../marks.tsx';
import type { GridColumn } from '../table/data-grid.tsx';

export const resultNames: Readonly<Record<TestResult, string>> = {
  pass: 'pass',
  fail: 'fail',
  'not-testable': 'not testable',
};
const looks: Readonly<Record<TestResult, { glyph: GlyphName; color: string }>> = {
  pass: { glyph: 'tick', color: 'approved.main' },
  fail: { glyph: 'cross', color: 'rejected.main' },
  'not-testable': { glyph: 'warning', color: 'rejected.main' },
};

export function ResultMark({ result }: { result: TestResult | null }) {
  if (result === null) {
    return (
      <Mark glyph="ring" color="text.primary">
        open
      </Mark>
    );
  }
  return <Mark {...looks[result]}>{resultNames[result]}</Mark>;
}

/** Where the evidence of a result stands: "Extract of 2, row 14". */
export function evidenceWords({ documentTitle, locator }: Pick<TestRow, 'documentTitle' | 'locator'>): string {
  if (documentTitle === null) return '';
  return locator === '' ? documentTitle : `${documentTitle}, ${locator}`;
}

/** What was found, written as the expected value is: evidence is text, the population may know a number. */
export function foundWords({ expected, found }: Pick<TestRow, 'expected' | 'found'>): string {
  const asNumber = typeof expected === 'number' && typeof found === 'string' && isNumeric(found);
  return cell(asNumber ? Number(found) : found);
}

/** A sample × attribute by one text: the key of a row. */
export const keyOfTest = (row: Pick<TestRow, 'itemKey' | 'attribute'>): string =>
  JSON.stringify([row.itemKey, row.attribute]);

export function testColumns(nameOf: (personId: string | null) => string): readonly GridColumn<TestRow>[] {
  const column = (
    id: string,
    heading: string,
    minWidth: number,
    priority: number,
    more: Pick<GridColumn<TestRow>, 'cell'> & Partial<GridColumn<TestRow>>,
  ): GridColumn<TestRow> => ({ id, heading, minWidth, priority, track: `minmax(${minWidth}px, 1fr)`, ...more });
  return [
    column('sample', 'Sample', 110, 0, { mono: true, cell: (row) => row.itemKey }),
    column('attribute', 'Attribute', 140, 0, { cell: (row) => row.attribute }),
    column('expected', 'Expected', 110, 0, { align: 'right', cell: (row) => cell(row.expected) }),
    column('found', 'Found', 110, 0, { align: 'right', cell: (row) => (row.result === null ? '' : foundWords(row)) }),
    column('result', 'Result', 120, 0, {
      cell: (row) => <ResultMark result={row.result} />,
      hint: (row) => row.notTestableReason || row.note,
    }),
    column('evidence', 'Evidence', 180, 3, { cell: evidenceWords, hint: evidenceWords }),
    column('source', 'Source', 90, 4, { cell: (row) => (row.random ? 'random' : 'targeted') }),
    column('by', 'Tested by', 130, 2, { cell: (row) => (row.testedBy === null ? '' : nameOf(row.testedBy)) }),
    column('delivery', 'Delivery', 110, 1, {
      cell: (row) => (row.delivery === null ? null : <DeliveryMark delivery={row.delivery} quiet />),
      hint: (row) => row.problem?.message ?? '',
    }),
  ];
}
