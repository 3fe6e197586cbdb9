// Owns the long table: rows drawn as they come into sight, a cursor, keys and mouse, the semantics of a grid.
// Knows nothing of what a row is; a million rows cost what thirty cost.
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from 'react';
import { useSyncExternalStore } from 'react';
import { useKeys } from '../keys.ts';
import { sizes } from '../theme.ts';
import type { Sized } from './fit-columns.ts';
import { GridFrame } from './grid-frame.tsx';
import { baseAtPlace, blockSize, placeOfRow } from './row-block.ts';
import type { RowSource } from './row-source.ts';

/** One column. `cell` gets a class of its own through `tone`. */
export interface GridColumn<Row> extends Sized {
  heading: React.ReactNode;
  /** Width as a CSS grid track. */
  track: string;
  cell(row: Row, index: number): React.ReactNode;
  align?: 'right';
  mono?: boolean;
  /** Classes of the frame that depend on the row. */
  tone?(row: Row): string;
  /** What a tooltip of the cell says, for everybody who points at it. */
  hint?(row: Row): string;
  /** The word by which the core sorts; absent where it cannot. */
  sort?: string;
}

export interface GridSort {
  by: string;
  descending: boolean;
}

/** How a row was reached: alone, extending a range (Shift), or picked besides others (Ctrl). */
export type Reach = 'alone' | 'extend' | 'pick';

/** What a screen may ask of its table. */
export interface GridHandle {
  focus(): void;
  /** Brings a row into sight. */
  show(index: number): void;
}

interface Props<Row> {
  label: string;
  source: RowSource<Row>;
  columns: readonly GridColumn<Row>[];
  keyOf(row: Row): string;
  cursor: number;
  reach(index: number, how: Reach): void;
  open?: (index: number) => void;
  isSelected?: (row: Row) => boolean;
  /** Classes of the frame for the whole row. */
  toneOf?: (row: Row) => string;
  /** Class of the row under the cursor. */
  cursorClass?: 'current' | 'framed';
  sort?: GridSort;
  sortBy?: (by: string) => void;
  /** A line above the headings. */
  over?: React.ReactNode;
  /** Shown where there is no row. */
  empty: React.ReactNode;
  handle?: React.Ref<GridHandle>;
}

const classes = (...names: (string | false | undefined)[]) => names.filter(Boolean).join(' ');

interface RowProps<Row> {
  row: Row | undefined;
  index: number;
  top: number;
  id: string;
  columns: readonly GridColumn<Row>[];
  tone: string;
  current: string;
  selected: boolean;
}

function GridRow<Row>({ row, index, top, id, columns, tone, current, selected }: RowProps<Row>) {
  return (
    <div
      role="row"
      id={id}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={selected || current !== ''}
      aria-busy={row === undefined || undefined}
      className={classes('row', tone, selected && 'selected', current)}
      style={{ transform: `translateY(${top}px)` }}
    >
      {columns.map((column, at) => (
        <div
          key={column.id}
          role="gridcell"
          aria-colindex={at + 1}
          data-column={column.id}
          title={row === undefined ? undefined : column.hint?.(row) || undefined}
          className={classes(
            'cell',
            column.align,
            column.mono && 'mono',
            row === undefined ? 'skeleton' : column.tone?.(row),
          )}
        >
          {row === undefined ? null : column.cell(row, index)}
        </div>
      ))}
    </div>
  );
}
const MemoRow = memo(GridRow) as typeof GridRow;

function Headings<Row>({ columns, sort, sortBy }: Pick<Props<Row>, 'columns' | 'sort' | 'sortBy'>) {
  return (
    <div role="row" aria-rowindex={1} className="head-row">
      {columns.map((column, at) => {
        const sorted = sort !== undefined && column.sort === sort.by;
        const arrow = sorted ? (sort.descending ? ' ▾' : ' ▴') : '';
        return (
          <div
            key={column.id}
            role="columnheader"
            aria-colindex={at + 1}
            aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
            className={classes('heading', column.align)}
          >
            {column.sort !== undefined && sortBy ? (
              <button type="button" className="sort" onClick={() => sortBy(column.sort ?? '')}>
                {column.heading}
                {arrow}
              </button>
            ) : (
              column.heading
            )}
          </div>
        );
      })}
    </div>
  );
}

/** The window of a list that slides over it: where the block stands, and how to bring a row into sight. */
function useBlock(total: number, frame: React.RefObject<HTMLDivElement | null>, headHeight: number) {
  const [base, setBase] = useState(0);
  const size = blockSize(total);
  const state = useRef({ base, total, top: 0, own: -1 });
  state.current.total = total;
  state.current.base = Math.min(base, Math.max(0, total - size));
  const viewRows = useCallback(
    () => Math.max(1, ((frame.current?.clientHeight ?? 600) - headHeight) / sizes.row),
    [frame, headHeight],
  );

  const settle = useCallback(() => {
    const element = frame.current;
    const { current } = state;
    if (!element || blockSize(current.total) === current.total) return;
    const row = current.base + Math.floor(element.scrollTop / sizes.row);
    const next = placeOfRow(row, current.total, viewRows());
    if (next.base === current.base) return;
    current.own = next.place * sizes.row + (element.scrollTop % sizes.row);
    setBase(next.base);
  }, [frame, viewRows]);

  // The scroll area moves in the same frame as the block, so that nothing moves on the screen.
  useLayoutEffect(() => {
    const element = frame.current;
    const { current } = state;
    if (element && current.own >= 0) {
      element.scrollTop = current.own;
      // The browser may stop earlier, at the end of the list.
      current.own = element.scrollTop;
      current.top = element.scrollTop;
    }
  }, [base, frame]);

  const onScroll = useCallback(() => {
    const element = frame.current;
    const { current } = state;
    if (!element) return;
    const moved = Math.abs(element.scrollTop - current.top);
    const mine = Math.abs(element.scrollTop - current.own) < 1;
    current.top = element.scrollTop;
    current.own = -1;
    if (mine || blockSize(current.total) === current.total) return;
    // A drag of the thumb, told from the wheel by its reach, means a share of the list.
    if (moved > 4 * element.clientHeight) {
      setBase(baseAtPlace(element.scrollTop / sizes.row, current.total, viewRows()));
    } else if (element.scrollTop <= 0 || element.scrollTop >= element.scrollHeight - element.clientHeight - 1) settle();
  }, [frame, settle, viewRows]);

  const show = useCallback(
    (index: number) => {
      const element = frame.current;
      const { current } = state;
      if (!element) return;
      const top = (index - current.base) * sizes.row;
      const room = element.clientHeight - headHeight;
      if (top >= element.scrollTop && top + sizes.row <= element.scrollTop + room) return;
      const above = top < element.scrollTop;
      const wanted = above ? top : top + sizes.row - room;
      if (wanted >= 0 && index >= current.base && index < current.base + blockSize(current.total)) {
        element.scrollTop = wanted;
        current.own = element.scrollTop;
        return;
      }
      const first = above ? index : Math.max(0, index - Math.floor(viewRows()) + 1);
      const next = placeOfRow(first, current.total, viewRows());
      current.own = next.place * sizes.row;
      if (next.base !== current.base) return setBase(next.base);
      element.scrollTop = current.own;
      current.own = element.scrollTop;
    },
    [frame, headHeight, viewRows],
  );
  return { base: state.current.base, size, onScroll, settle, show, viewRows };
}

/** A table of any length. */
export function DataGrid<Row>(props: Props<Row>) {
  const { label, source, columns, cursor, reach, open, isSelected, toneOf, sort, sortBy, over, empty, handle } = props;
  useSyncExternalStore(source.subscribe, source.revision);
  const frame = useRef<HTMLDivElement>(null);
  const total = source.total ?? 0;
  const headHeight = sizes.heading * (over === undefined ? 1 : 2);
  const { base, size, onScroll, settle, show, viewRows } = useBlock(total, frame, headHeight);
  const virtual = useVirtualizer({
    count: size,
    getScrollElement: () => frame.current,
    estimateSize: () => sizes.row,
    overscan: 12,
    paddingStart: headHeight,
    getItemKey: (at) => at + base,
  });
  const drawn = virtual.getVirtualItems();
  const first = (drawn[0]?.index ?? 0) + base;
  const last = (drawn.at(-1)?.index ?? 0) + base;
  const revision = source.revision();
  useEffect(() => source.want(first, last), [source, first, last, revision]);
  useEffect(() => {
    const element = frame.current;
    element?.addEventListener('scrollend', settle);
    return () => element?.removeEventListener('scrollend', settle);
  }, [settle]);
  useImperativeHandle(handle, () => ({ focus: () => frame.current?.focus({ preventScroll: true }), show }), [show]);

  const move = (to: number, how: Reach) => {
    if (total === 0) return;
    const index = Math.max(0, Math.min(to, total - 1));
    show(index);
    reach(index, how);
  };
  const page = () => Math.max(1, Math.floor(viewRows()) - 1);
  useKeys({
    title: 'Rows',
    actions: [
      { keys: ['j', 'ArrowDown'], label: 'Next row', run: () => move(cursor + 1, 'alone') },
      { keys: ['k', 'ArrowUp'], label: 'Row before', run: () => move(cursor - 1, 'alone') },
      { keys: 'PageDown', label: 'Next page', run: () => move(cursor + page(), 'alone') },
      { keys: 'PageUp', label: 'Page before', run: () => move(cursor - page(), 'alone') },
      { keys: ['Home', 'Mod+Home'], label: 'First row', run: () => move(0, 'alone') },
      { keys: ['End', 'Mod+End'], label: 'Last row', run: () => move(total - 1, 'alone') },
      ...(isSelected
        ? [
            {
              keys: ['Shift+ArrowDown', 'Shift+J'],
              label: 'Select down to the next row',
              run: () => move(cursor + 1, 'extend'),
            },
            {
              keys: ['Shift+ArrowUp', 'Shift+K'],
              label: 'Select up to the row before',
              run: () => move(cursor - 1, 'extend'),
            },
          ]
        : []),
      ...(open ? [{ keys: 'Enter', label: 'Open the row', run: () => total > 0 && open(cursor) }] : []),
    ],
  });
  const pressed = (event: React.MouseEvent, how: 'click' | 'double') => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
    if (!row || (event.target as Element).closest('button, a')) return;
    const index = Number(row.dataset['index']);
    if (how === 'double') return open?.(index);
    return reach(index, event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'pick' : 'alone');
  };

  const rowId = (index: number) => `row-${index}`;
  const leastWidth = columns.reduce((sum, column) => sum + column.minWidth, 0);
  const style = {
    '--columns': columns.map((column) => column.track).join(' '),
    '--least-width': `${leastWidth}px`,
  } as React.CSSProperties;
  return (
    <GridFrame
      ref={frame}
      role="grid"
      aria-label={label}
      aria-rowcount={source.total === null ? -1 : total + 1}
      aria-colcount={columns.length}
      aria-multiselectable={isSelected !== undefined}
      aria-busy={source.total === null}
      aria-activedescendant={cursor >= first && cursor <= last && total > 0 ? rowId(cursor) : undefined}
      tabIndex={0}
      style={style}
      onScroll={onScroll}
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      onClick={(event) => pressed(event, 'click')}
      onDoubleClick={(event) => pressed(event, 'double')}
    >
      <div role="rowgroup" className="head">
        {over}
        <Headings columns={columns} sort={sort} sortBy={sortBy} />
      </div>
      <div role="rowgroup" className="body" style={{ height: virtual.getTotalSize() - headHeight }}>
        {drawn.map(({ index: at, start }) => {
          const index = at + base;
          const row = source.row(index);
          return (
            <MemoRow
              key={index}
              row={row}
              index={index}
              top={start - headHeight}
              id={rowId(index)}
              columns={columns}
              tone={row === undefined ? '' : (toneOf?.(row) ?? '')}
              current={index === cursor ? (props.cursorClass ?? 'current') : ''}
              selected={row !== undefined && (isSelected?.(row) ?? false)}
            />
          );
        })}
        {source.total === null && <Waiting columns={columns} />}
      </div>
      {source.total === 0 && (
        <div role="row">
          <div role="gridcell" className="cell muted">
            {empty}
          </div>
        </div>
      )}
    </GridFrame>
  );
}

/** The frame with its headings stands at once; rows that are not there yet are drawn as lines. */
function Waiting<Row>({ columns }: { columns: readonly GridColumn<Row>[] }) {
  return Array.from({ length: 12 }, (_, index) => (
    <MemoRow
      key={index}
      row={undefined}
      index={index}
      top={index * sizes.row}
      id={`waiting-${index}`}
      columns={columns}
      tone=""
      current=""
      selected={false}
    />
  ));
}
