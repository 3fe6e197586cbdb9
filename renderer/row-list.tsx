// Owns the short table of ordinary screens (at most some hundred rows): frame, selected row, keyboard. Long ones are in table/.
import {
  Box,
  Paper,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { Fragment, useRef, useState } from 'react';
import { useKeys } from './keys.ts';
import { visuallyHidden } from './marks.tsx';

export interface Column<Row> {
  id: string;
  heading: React.ReactNode;
  cell(row: Row): React.ReactNode;
  align?: 'right';
  /** Share of the width, as CSS. */
  width?: string;
  /** Left out when the window is narrower than this breakpoint. */
  hideBelow?: 'lg' | 'xl';
  /** Recedes. */
  muted?: boolean;
  /** Never broken: the table scrolls sideways first. */
  oneLine?: boolean;
}

interface Props<Row> {
  /** Read to those who listen: what the table holds. */
  label: string;
  /** Null while they are read: the frame with its headings stands already. */
  rows: readonly Row[] | null;
  columns: readonly Column<Row>[];
  keyOf(row: Row): string;
  open?: (row: Row) => void;
  /** What will appear here, and the action that fills it. */
  empty: React.ReactNode;
  /** This list takes j and k of the screen, and its first row is selected from the start. */
  main?: boolean;
  /** Shown under a row over the whole width. */
  under?: (row: Row, selected: boolean) => React.ReactNode;
}

const hidden = (column: Column<never>) =>
  column.hideBelow ? { display: { xs: 'none', [column.hideBelow]: 'table-cell' } } : {};

function EmptyRow({ width, children }: { width: number; children: React.ReactNode }) {
  return (
    <TableRow>
      <TableCell colSpan={width} sx={{ py: 1.5, color: 'text.secondary' }}>
        {children}
      </TableCell>
    </TableRow>
  );
}

/** A framed table whose rows are reached by arrows and opened by Enter or a click. */
export function RowList<Row>({ label, rows, columns, keyOf, open, empty, main, under }: Props<Row>) {
  const [chosen, setChosen] = useState<string | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const found = rows?.findIndex((row) => keyOf(row) === chosen) ?? -1;
  const index = found === -1 && main ? 0 : found;
  const current = rows?.[index];

  const focusRow = (to: number) => {
    const row = rows?.[Math.max(0, Math.min(to, (rows?.length ?? 1) - 1))];
    if (!row) return;
    setChosen(keyOf(row));
    body.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(keyOf(row))}"]`)?.focus();
  };
  useKeys({
    title: label,
    actions: main
      ? [
          { keys: ['j', 'ArrowDown'], label: 'Next row', run: () => focusRow(index + 1) },
          { keys: ['k', 'ArrowUp'], label: 'Row before', run: () => focusRow(index - 1) },
          ...(open ? [{ keys: 'Enter', label: 'Open', run: () => current && open(current) }] : []),
        ]
      : [],
  });
  const onKeyDown = (event: React.KeyboardEvent, at: number) => {
    if (event.target !== event.currentTarget || main) return;
    const row = rows?.[at];
    if (event.key === 'ArrowDown') focusRow(at + 1);
    else if (event.key === 'ArrowUp') focusRow(at - 1);
    else if (event.key === 'Enter' && open && row) open(row);
    else return;
    event.preventDefault();
  };

  return (
    <TableContainer component={Paper} sx={{ borderRadius: 2 }}>
      <Table aria-label={label} aria-busy={rows === null}>
        <TableHead>
          <TableRow>
            {columns.map((column) => (
              <TableCell
                key={column.id}
                align={column.align ?? 'left'}
                sx={{ width: column.width, ...hidden(column as Column<never>) }}
              >
                {column.heading}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody ref={body}>
          {rows === null && <EmptyRow width={columns.length}>Reading</EmptyRow>}
          {rows?.length === 0 && <EmptyRow width={columns.length}>{empty}</EmptyRow>}
          {rows?.map((row, at) => {
            const selected = at === index;
            const more = under?.(row, selected);
            return (
              <Fragment key={keyOf(row)}>
                <TableRow
                  data-row={keyOf(row)}
                  hover={Boolean(open)}
                  selected={selected}
                  tabIndex={at === Math.max(index, 0) ? 0 : -1}
                  onFocus={() => setChosen(keyOf(row))}
                  onKeyDown={(event) => onKeyDown(event, at)}
                  onClick={() => (open ? open(row) : setChosen(keyOf(row)))}
                  sx={open ? { cursor: 'pointer' } : {}}
                >
                  {columns.map((column) => (
                    <TableCell
                      key={column.id}
                      align={column.align ?? 'left'}
                      sx={{
                        ...(column.muted ? { color: 'text.secondary' } : {}),
                        ...(column.oneLine ? { whiteSpace: 'nowrap' } : {}),
                        ...hidden(column as Column<never>),
                      }}
                    >
                      {column.cell(row)}
                    </TableCell>
                  ))}
                </TableRow>
                {more && (
                  <TableRow selected={selected}>
                    <TableCell colSpan={columns.length} sx={{ pb: 1.5 }}>
                      {more}
                    </TableCell>
                  </TableRow>
                )}
              </Fragment>
            );
          })}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** Before a button of a row opens a dialog: the focus comes back to the row, for the button may be gone by then. */
export function focusRowOf(button: Element): void {
  button.closest<HTMLElement>('tr[data-row]')?.focus();
}

/** A part of a screen with its heading. */
export function Section({
  title,
  label = title,
  note,
  action,
  children,
}: {
  title: string;
  /** Read instead of the title where a page has several of the kind. */
  label?: string;
  note?: React.ReactNode;
  action?: React.ReactNode;
  children: React.ReactNode;
}) {
  return (
    <Box component="section" aria-label={label} sx={{ mt: 2.5 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 1, minHeight: 32 }}>
        <Typography variant="h2">{title}</Typography>
        <Box sx={{ color: 'text.secondary', flex: 1 }}>{note}</Box>
        {action}
      </Box>
      {children}
    </Box>
  );
}

/** The heading of a column that needs none for the eye. */
export function HiddenHeading({ children }: { children: string }) {
  return (
    <Box component="span" sx={visuallyHidden}>
      {children}
    </Box>
  );
}
