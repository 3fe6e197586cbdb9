// Owns a comparison as CSV text that is safe to open in a spreadsheet. Knows no screen and writes no file.
import { reasonRules } from '../../../domain/decision.ts';
import type { ComparedItem } from '../../../domain/comparison.ts';
import type { ItemBody, ItemOrigin, ItemSource } from '../../../domain/version.ts';
import type { CommandOutput, CommandParsed, ComparisonPage } from '../../../preload/contract.ts';
import { openComparison } from './comparison.ts';
import type { Desk } from './desk.ts';

type Cell = string | number | boolean | null | undefined;
type Line = ComparisonPage['rows'][number];

/** Lines that are read at once. */
const linesAtOnce = 500;

/** All lines of a filter, both versions side by side, with who decided, when and why. */
export function exportComparison(
  desk: Desk,
  input: CommandParsed<'comparison:export'>,
): CommandOutput<'comparison:export'> {
  const comparison = openComparison(desk, input.leftVersionId, input.rightVersionId);
  const { left, right, fields } = comparison;
  const names = new Map(desk.cache.people().map(({ personId, name }) => [personId, name]));
  const total = comparison.total(input.show);
  const [leftName, rightName] = [`v${left.number}`, `v${right.number}`];
  const lines = [csvLine(headings(leftName, rightName, fields))];
  for (let offset = 0; offset < total; offset += linesAtOnce) {
    for (const line of comparison.lines(input.show, offset, linesAtOnce)) {
      lines.push(csvLine(cellsOf(line, fields, names)));
    }
  }
  const report = desk.cache.report(left.reportId)?.name ?? left.reportId;
  const fileName = `${report} ${left.phase} ${leftName} to ${rightName}.csv`.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_');
  // The byte order mark is what tells spreadsheets that this is UTF-8.
  return { fileName, csv: `\uFEFF${lines.join('\r\n')}\r\n`, lines: total };
}

const sideHeadings = [
  '#',
  'key',
  'source',
  'origin',
  'verdict',
  'reason',
  'note',
  'decided by',
  'decided at',
  'content',
];

function headings(left: string, right: string, fields: readonly string[]): string[] {
  const side = (name: string) => sideHeadings.map((heading) => `${name} ${heading}`);
  const bodies = fields.flatMap((field) => [`${left} ${field}`, `${right} ${field}`]);
  return ['change', 'decision flipped', ...side(left), ...side(right), ...bodies];
}

function cellsOf(line: Line, fields: readonly string[], names: ReadonlyMap<string, string>): Cell[] {
  const kind = line.replacement ? 'removed and replaced' : line.kind;
  const bodies = fields.flatMap((field) => [fieldOf(line.leftBody, field), fieldOf(line.rightBody, field)]);
  const flipped = line.verdictFlipped ? 'yes' : 'no';
  return [kind, flipped, ...sideCells(line.left, names), ...sideCells(line.right, names), ...bodies];
}

function fieldOf(body: ItemBody | null, field: string): Cell {
  return body && Object.hasOwn(body, field) ? body[field] : null;
}

function sideCells(item: ComparedItem | null, names: ReadonlyMap<string, string>): Cell[] {
  if (!item) return sideHeadings.map(() => null);
  return [
    item.position + 1,
    item.itemKey,
    sourceText(item.source),
    originText(item.origin),
    item.verdict,
    item.reasonCode === null ? null : reasonRules[item.reasonCode].name,
    item.note,
    item.decidedBy === null ? null : (names.get(item.decidedBy) ?? item.decidedBy),
    item.decidedAt === null ? null : timeWithZone(item.decidedAt),
    item.contentHash,
  ];
}

function sourceText(source: ItemSource): string {
  switch (source.kind) {
    case 'random':
      return `random ${source.drawPosition}${source.stratum === null ? '' : ` of ${source.stratum}`}`;
    case 'targeted':
      return `targeted: ${source.reason}`;
    case 'proposed':
      return 'proposed';
    case 'added':
      return `added by ${source.by}`;
  }
}

function originText(origin: ItemOrigin): string {
  switch (origin.kind) {
    case 'new':
      return 'new';
    case 'recorded':
      return `recorded, revision ${origin.recordRevision}`;
    case 'carried':
      return `carried from version ${origin.versionNumber}`;
    case 'edited':
      return `edited since version ${origin.versionNumber}`;
    case 're-opened':
      return `re-opened: ${origin.reason}`;
    case 'replacement':
      return `replacement for ${origin.replacesKey}`;
    case 'kept':
      return `kept: ${origin.rationale}`;
    case 'disputed':
      return `disputed by ${origin.by}: ${origin.rationale}`;
  }
}

/** Local time with its offset, as in 2026-11-21T09:12:30+01:00. */
export function timeWithZone(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const offset = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(offset / 60)}:${two(offset % 60)}`;
}

/** One line after RFC 4180, without its end. */
export function csvLine(cells: readonly Cell[]): string {
  return cells.map(csvCell).join(',');
}

const plainNumber = /^-?\d+(\.\d+)?$/;
/** A start that a spreadsheet takes for a formula, also behind quotes, blanks and invisible characters. */
const live = /^[\s"'\p{Cf}\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r]/u;
/** The same behind what some spreadsheets take for the end of a cell. */
const liveInside = /([;\t\r\n|])((?:[^\S\t\r\n]|["'\p{Cf}]|(?![\t\r\n])\p{Cc})*[=+\-@＝＋－＠])/gu;

function csvCell(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const text = plainNumber.test(value) ? value : harmless(value);
  return /[",\r\n;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A leading apostrophe makes a spreadsheet show a cell instead of running it. */
function harmless(text: string): string {
  const inside = text.replaceAll(liveInside, "$1'$2");
  return live.test(inside) ? `'${inside}` : inside;
}
