// Owns the columns of a comparison: both sides in one row, so that they are aligned and scroll together. Decides nothing.
import { Box } from '@mui/material';
import type { ComparedItem } from '../../domain/comparison.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ItemBody } from '../../domain/version.ts';
import type { ComparisonPage } from '../../preload/contract.ts';
import { exactTime, isNumeric } from '../formats.ts';
import { VerdictMark, visuallyHidden } from '../marks.tsx';
import { fieldLabel, fieldText } from '../review/phase-fields.ts';
import { longestTexts } from '../review/review-columns.tsx';
import { reasonName } from '../review/sentences.ts';
import type { GridColumn } from '../table/data-grid.tsx';

export type ComparedLine = ComparisonPage['rows'][number];
export type Side = 'left' | 'right';

export const keyOfLine = (line: ComparedLine) => `${line.left?.itemKey ?? ''} ${line.right?.itemKey ?? ''}`;

const bodyOf = (line: ComparedLine, side: Side): ItemBody | null => (side === 'left' ? line.leftBody : line.rightBody);

/** How a side of a line is marked: what it lost, what it gained, what differs. */
export function markOf(line: ComparedLine, side: Side): { sign: string; word: string; tone: string } {
  if (line.kind === 'changed') return { sign: '~', word: 'changed', tone: 'mark-changed' };
  if (side === 'left' && line.kind === 'removed') return { sign: '−', word: 'removed', tone: 'mark-removed' };
  if (side === 'right' && (line.kind === 'added' || line.replacement))
    return { sign: '+', word: 'added', tone: 'mark-added' };
  return { sign: '', word: '', tone: '' };
}

function tintOf(line: ComparedLine, side: Side): string {
  const { word } = markOf(line, side);
  return word === 'removed' || word === 'added' ? word : '';
}

/** Where a line has nothing on this side, the key says so. */
function keyText(line: ComparedLine, side: Side, item: ComparedItem | null): string {
  if (item) return item.itemKey;
  return side === 'right' ? '· not in it any more' : '· not in it yet';
}

function VerdictOf({ item }: { item: ComparedItem | null }) {
  if (!item) return null;
  return (
    <>
      <VerdictMark verdict={item.verdict} origin={item.origin} />
      {item.reasonCode !== null && <span className="small"> {reasonName(item.reasonCode)}</span>}
    </>
  );
}

function Hidden({ children }: { children: string }) {
  return (
    <Box component="span" sx={visuallyHidden}>
      {children}
    </Box>
  );
}

const widths = { mark: 32, key: 104, verdict: 150, gap: 10 } as const;

/** The fields for which both sides have room: the changed ones come first, all in their own order. */
export function fieldsThatFit(
  fields: readonly string[],
  changed: ReadonlySet<string>,
  chosen: readonly string[] | null,
  width: number,
  widthOf: (field: string) => number,
): string[] {
  let room = (width - widths.gap) / 2 - widths.mark - widths.key - widths.verdict;
  const wanted = fields.filter((field) => (chosen ? chosen.includes(field) : true));
  const byWeight = [...wanted.filter((field) => changed.has(field)), ...wanted.filter((field) => !changed.has(field))];
  const shown = new Set<string>();
  for (const field of byWeight) {
    room -= widthOf(field);
    if (room < 0) break;
    shown.add(field);
  }
  return fields.filter((field) => shown.has(field));
}

interface Options {
  phase: PhaseSlug;
  fields: readonly string[];
  numeric: ReadonlySet<string>;
  widthOf(field: string): number;
  keyName: string;
  nameOf(personId: string | null): string;
}

function sideColumns(side: Side, options: Options): GridColumn<ComparedLine>[] {
  const { phase, fields, numeric, keyName, nameOf } = options;
  const fixed = { priority: 0 };
  const tint = (line: ComparedLine) => tintOf(line, side);
  const verdictHint = (line: ComparedLine) => {
    const item = line[side];
    if (!item) return '';
    const who = item.decidedBy && item.decidedAt ? `${nameOf(item.decidedBy)}, ${exactTime(item.decidedAt)}` : '';
    return [who, item.note].filter(Boolean).join(' · ');
  };
  return [
    {
      ...fixed,
      id: `${side} mark`,
      heading: <Hidden>What became of it</Hidden>,
      minWidth: widths.mark,
      track: `${widths.mark}px`,
      cell: (line) => {
        const { sign, word } = markOf(line, side);
        return sign === '' ? null : (
          <span aria-label={word} role="img">
            {sign}
          </span>
        );
      },
      tone: (line) => `sign ${markOf(line, side).tone} ${tint(line)}`,
    },
    {
      ...fixed,
      id: `${side} key`,
      heading: keyName,
      minWidth: widths.key,
      track: `minmax(${widths.key}px, 1fr)`,
      mono: true,
      cell: (line) => keyText(line, side, line[side]),
      tone: (line) => (line[side] ? `keeps ${tint(line)}` : 'muted'),
    },
    ...fields.map((field): GridColumn<ComparedLine> => {
      const minWidth = options.widthOf(field);
      return {
        ...fixed,
        id: `${side} field:${field}`,
        heading: fieldLabel(phase, field),
        minWidth,
        track: `minmax(${minWidth}px, 1fr)`,
        ...(numeric.has(field) ? { align: 'right' as const } : {}),
        cell: (line) => fieldText(phase, field, bodyOf(line, side)?.[field]),
        tone: (line) =>
          line.kind === 'changed' && line.fields.some((change) => change.field === field) ? 'changed' : tint(line),
        hint: (line) => fieldText(phase, field, bodyOf(line, side)?.[field]),
      };
    }),
    {
      ...fixed,
      id: `${side} verdict`,
      heading: 'Verdict',
      minWidth: widths.verdict,
      track: `minmax(${widths.verdict}px, 2fr)`,
      cell: (line) => <VerdictOf item={line[side]} />,
      tone: (line) => `keeps ${tint(line)}`,
      hint: verdictHint,
    },
  ];
}

/** Left side, a gap, right side. */
export function compareColumns(options: Options): GridColumn<ComparedLine>[] {
  return [
    ...sideColumns('left', options),
    {
      id: 'gap',
      heading: <Hidden>against</Hidden>,
      minWidth: widths.gap,
      track: `${widths.gap}px`,
      priority: 0,
      cell: () => null,
      tone: () => 'gap',
    },
    ...sideColumns('right', options),
  ];
}

/** Which fields differ in these lines, and which hold numbers. */
export function fieldsSeen(phase: PhaseSlug, lines: readonly ComparedLine[], fields: readonly string[]) {
  const changed = new Set(
    lines.filter((line) => line.kind === 'changed').flatMap((line) => line.fields.map(({ field }) => field)),
  );
  const numeric = new Set(
    fields.filter((field) => {
      const values = lines
        .map((line) => (line.leftBody ?? line.rightBody)?.[field])
        .filter((value) => value !== null && value !== undefined);
      return values.length > 0 && values.every(isNumeric);
    }),
  );
  const longest = longestTexts(
    phase,
    fields,
    lines.flatMap((line) => [line.leftBody, line.rightBody]),
  );
  return { changed, numeric, longest };
}
