// Owns the columns of a version's table: what each shows and which go first when there is little room. Decides nothing.
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ItemBody } from '../../domain/version.ts';
import type { ItemRow } from '../../preload/contract.ts';
import { count, exactTime, isNumeric } from '../formats.ts';
import { DeliveryMark, VerdictMark } from '../marks.tsx';
import type { GridColumn } from '../table/data-grid.tsx';
import { editedBody } from './edit-fields.ts';
import { columnFields, fieldLabel, fieldText } from './phase-fields.ts';
import { answerWord, reasonName } from './sentences.ts';

/** A row with what the screen knows beyond the core: whether this laptop is still writing it down. */
export type ShownRow = ItemRow & { keeping?: true };

export const keyOfRow = (row: Pick<ItemRow, 'itemKey'>) => row.itemKey;

/** "random #61", "targeted". */
export function sourceWords({ source }: Pick<ItemRow, 'source'>): string {
  switch (source.kind) {
    case 'random':
      return `random #${count(source.drawPosition)}`;
    case 'added':
      return 'added by a person';
    default:
      return source.kind;
  }
}

function sourceHint({ source }: ShownRow): string {
  if (source.kind === 'targeted') return source.reason;
  return source.kind === 'random' ? (source.stratum ?? '') : '';
}

function isEdited(row: ShownRow, field: string): boolean {
  return editedBody(row)?.[field] !== row.body?.[field];
}

/** What recedes and what stands out. */
export function toneOfRow(row: ShownRow): string {
  if (row.verdict === 'pending') return 'open';
  return row.verdict === 'approved' && (row.delivery === null || row.delivery === 'applied') && !row.keeping
    ? 'settled'
    : '';
}

/** How far a decision has come. What came with the version was delivered long ago. */
export function DeliveryOf({ row, answering }: { row: ShownRow; answering: boolean }) {
  if (row.keeping) return <span className="small">keeping …</span>;
  if (row.edit !== null) return <DeliveryMark delivery="draft" />;
  // The tester's own act here is the answer; the reviewer's decision was delivered before.
  if (answering && row.answer !== null) return <DeliveryMark delivery="draft" />;
  const delivery = row.delivery ?? (row.verdict === 'pending' ? null : 'applied');
  return delivery === null ? null : <DeliveryMark delivery={delivery} quiet />;
}

/** The fields whose values are numbers, as far as these rows show. */
export function numericFields(fields: readonly string[], rows: readonly ItemRow[]): Set<string> {
  return new Set(
    fields.filter((field) => {
      const values = rows.map((row) => row.body?.[field]).filter((value) => value !== null && value !== undefined);
      return values.length > 0 && values.every(isNumeric);
    }),
  );
}

/** The longest text of each field in these rows, in characters: numbers must never be cut. */
export function longestTexts(
  phase: PhaseSlug,
  fields: readonly string[],
  rows: readonly (ItemBody | null)[],
): Map<string, number> {
  const lengthOf = (field: string) => rows.map((body) => fieldText(phase, field, body?.[field]).length);
  return new Map(fields.map((field) => [field, Math.max(0, ...lengthOf(field))]));
}

/** The width of a field's column in pixels: its heading or its longest text, long texts up to a limit. */
const headingWidth = 8;
export function fieldWidth(heading: string, numeric: boolean, longest: number): number {
  const texts = numeric ? longest : Math.min(longest, longestShownText);
  return Math.max(numeric ? 84 : 96, Math.ceil(Math.max(heading.length * headingWidth, texts * characterWidth) + 26));
}
const longestShownText = 24;

interface Options {
  phase: PhaseSlug;
  /** The longest key of the rows that are looked at, in characters. */
  longestKey: number;
  longest: ReadonlyMap<string, number>;
  fields: readonly string[];
  /** What the key is called in the population. */
  keyName: string;
  numeric: ReadonlySet<string>;
  /** Fields the person chose, null for all that fit. */
  chosen: readonly string[] | null;
  /** Nobody decides on a draft. */
  draft: boolean;
  /** The tester answers rejections here. */
  answering: boolean;
  nameOf(personId: string | null): string;
  isSelected(key: string): boolean;
}

/** Of tabular figures in medium weight. */
const characterWidth = 8.8;

function fieldColumn(options: Options, field: string, priority: number): GridColumn<ShownRow> {
  const { phase } = options;
  const numeric = options.numeric.has(field);
  const heading = fieldLabel(phase, field);
  const minWidth = fieldWidth(heading, numeric, options.longest.get(field) ?? 0);
  return {
    id: `field:${field}`,
    heading,
    minWidth,
    track: `minmax(${minWidth}px, 1fr)`,
    priority,
    sort: `field:${field}`,
    ...(numeric ? { align: 'right' as const } : {}),
    // A drafted change is what the next version will hold: shown, and marked.
    cell: (row) => (row.body === null ? 'not here yet' : fieldText(phase, field, editedBody(row)?.[field])),
    tone: (row) => (row.body === null ? 'small' : isEdited(row, field) ? 'changed' : ''),
    hint: (row) => {
      const text = fieldText(phase, field, row.body?.[field]);
      return isEdited(row, field) ? `drafted, was ${text || 'empty'}` : text;
    },
  };
}

function verdictHint(row: ShownRow, nameOf: Options['nameOf']): string {
  const reason = reasonName(row.reasonCode);
  return [
    reason && `as ${reason}`,
    row.decidedBy && row.decidedAt ? `${nameOf(row.decidedBy)}, ${exactTime(row.decidedAt)}` : '',
    row.origin.kind === 're-opened' ? row.origin.reason : '',
    row.note,
  ]
    .filter(Boolean)
    .join(' · ');
}

function verdictColumn(nameOf: Options['nameOf']): GridColumn<ShownRow> {
  return {
    id: 'verdict',
    heading: 'Verdict',
    minWidth: 160,
    track: 'minmax(160px, 1.5fr)',
    priority: 0,
    sort: 'verdict',
    cell: (row) => (
      <>
        <VerdictMark verdict={row.verdict} origin={row.origin} />
        {row.reasonCode !== null && <span className="small"> {reasonName(row.reasonCode)}</span>}
      </>
    ),
    tone: () => 'keeps',
    hint: (row) => verdictHint(row, nameOf),
  };
}

const answerColumn: GridColumn<ShownRow> = {
  id: 'answer',
  heading: 'Answer',
  minWidth: 130,
  track: 'minmax(130px, 1fr)',
  priority: 0,
  cell: (row) => (row.verdict === 'rejected' ? answerWord(row.answer) : ''),
  tone: (row) => (row.answer === null ? 'muted' : 'keeps'),
  hint: (row) => (row.answer && 'rationale' in row.answer ? row.answer.rationale : ''),
};

/** Of the monospace in which keys stand; a longer key is cut and whole in its tooltip. */
const keyCharacterWidth = 7.4;
const longestShownKey = 30;
function keyWidthOf(longestKey: number): number {
  return Math.max(104, Math.ceil(Math.min(longestKey, longestShownKey) * keyCharacterWidth + 26));
}

/** Every column there could be, in order; which of them fit is decided by the width. */
export function reviewColumns(options: Options): GridColumn<ShownRow>[] {
  const { phase, fields, keyName, chosen, draft, answering, nameOf, isSelected } = options;
  const shown = chosen ? fields.filter((field) => chosen.includes(field)) : columnFields(phase, fields, keyName);
  const keyWidth = keyWidthOf(options.longestKey);
  return [
    {
      id: '#',
      heading: '#',
      minWidth: 60,
      track: '60px',
      priority: 0,
      align: 'right',
      sort: '#',
      cell: (row) => (isSelected(row.itemKey) ? <span className="tickbox">✓</span> : count(row.position + 1)),
    },
    {
      id: 'key',
      heading: keyName,
      minWidth: keyWidth,
      track: `minmax(${keyWidth}px, 1fr)`,
      priority: 0,
      mono: true,
      sort: 'key',
      cell: (row) => row.itemKey,
      tone: () => 'keeps',
      hint: (row) => row.itemKey,
    },
    ...shown.map((field, at) => fieldColumn(options, field, at < 2 ? 1 : 10 + at)),
    {
      id: 'source',
      heading: 'Source',
      minWidth: 120,
      track: 'minmax(120px, 1.2fr)',
      // Only of a sample is it asked first how it came in.
      priority: phase === 'sample-selection' ? 3 : 30,
      cell: sourceWords,
      hint: sourceHint,
      tone: () => 'muted',
    },
    ...(draft ? [] : [verdictColumn(nameOf)]),
    ...(answering ? [answerColumn] : []),
    {
      id: 'delivery',
      heading: 'Delivery',
      minWidth: 100,
      track: 'minmax(100px, 0.9fr)',
      priority: 2,
      cell: (row) => <DeliveryOf row={row} answering={answering} />,
    },
  ];
}
