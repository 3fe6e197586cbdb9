// Owns the rows of one version on the screen: which are read, where the cursor is, what is selected. Decides nothing.
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ItemFilter } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { useShared } from '../store.ts';
import { perform } from '../use-command.ts';
import type { GridHandle, Reach } from '../table/data-grid.tsx';
import { RowSource } from '../table/row-source.ts';
import { extendTo, noSelection, selectAll, selectedRows, toggleRow } from '../table/selection.ts';
import type { Selection } from '../table/selection.ts';
import { keyOfRow } from './review-columns.tsx';
import type { ShownRow } from './review-columns.tsx';
import type { Picked, ReviewView } from './view-state.ts';

const pick = ({ itemKey, contentHash }: Picked): Picked => ({ itemKey, contentHash });

/** The source of a version's rows under a filter and an order; told by the core when they changed. */
export function useItemSource(versionId: string, filter: ItemFilter, sort: ReviewView['sort']): RowSource<ShownRow> {
  const epoch = useShared((state) => state.epoch);
  const key = JSON.stringify({ filter, sort });
  const source = useMemo(() => {
    const asked = JSON.parse(key) as { filter: ItemFilter; sort: ReviewView['sort'] };
    void epoch;
    return new RowSource<ShownRow>({
      keyOf: keyOfRow,
      fetchPage: (offset, limit) => bridge().invoke('version:items', { versionId, ...asked, offset, limit }),
    });
  }, [versionId, key, epoch]);
  useEffect(
    () =>
      bridge().subscribe((event) => {
        if (event.kind !== 'changed' || !event.versionIds.includes(versionId)) return;
        void source.refresh(event.source === 'outbox' ? 'own' : 'elsewhere');
      }),
    [source, versionId],
  );
  useSyncExternalStore(source.subscribe, source.revision);
  return source;
}

/** The cursor, kept on its row when the list becomes another one. */
export function useCursor(
  source: RowSource<ShownRow>,
  start: ReviewView['cursor'],
  grid: React.RefObject<GridHandle | null>,
) {
  const [cursor, setCursor] = useState(start);
  const placed = useRef<RowSource<ShownRow> | null>(null);
  const { total } = source;
  useEffect(() => {
    if (total === null || placed.current === source) return;
    placed.current = source;
    setCursor((before) => {
      const at = before.key === null ? before.index : (source.indexOf(before.key) ?? before.index);
      const index = Math.max(0, Math.min(at, total - 1));
      grid.current?.show(index);
      return { index, key: source.row(index)?.itemKey ?? before.key };
    });
  }, [source, total, grid]);
  const move = useCallback(
    (index: number) => {
      setCursor({ index, key: source.row(index)?.itemKey ?? null });
      grid.current?.show(index);
    },
    [source, grid],
  );
  return { cursor, move };
}

/** What is selected, by key and as it was seen. */
export function usePicks(
  list: { versionId: string; filter: ItemFilter; sort: ReviewView['sort'] },
  source: RowSource<ShownRow>,
  start: readonly Picked[],
  cursor: number,
) {
  const { versionId, filter, sort } = list;
  const [selection, setSelection] = useState<Selection<Picked>>(() => selectAll(start, keyOfRow));
  const [reading, setReading] = useState<number | null>(null);
  const clear = useCallback(() => setSelection(noSelection()), []);
  const toggle = useCallback(
    (index: number) => {
      const row = source.row(index);
      if (row) setSelection((before) => toggleRow(before, index, row.itemKey, pick(row)));
    },
    [source],
  );
  const extend = useCallback(
    async (to: number) => {
      const anchor = selection.range.size > 0 && selection.anchor !== null ? selection.anchor : cursor;
      const rows = await source.rowsBetween(Math.min(anchor, to), Math.max(anchor, to));
      if (rows) setSelection((before) => extendTo(before, anchor, rows.map(pick), keyOfRow));
    },
    [source, selection, cursor],
  );
  // Each row comes with the hash of its contents: a decision is bound to what it was when it was selected.
  const all = useCallback(async () => {
    const rows: Picked[] = [];
    for (let total = Infinity; rows.length < total;) {
      setReading(rows.length);
      const part = await perform('version:keys', { versionId, filter, sort, offset: rows.length });
      // What failed was told. Half of the rows selected would look like all of them.
      if (!part) return setReading(null);
      rows.push(...part.rows.map(pick));
      total = part.rows.length === 0 ? rows.length : part.total;
    }
    setReading(null);
    setSelection(selectAll(rows, keyOfRow));
  }, [versionId, filter, sort]);
  const picked = useMemo(() => [...selectedRows(selection).values()], [selection]);
  return { selection, picked, clear, toggle, extend, all, reading };
}
export type Picks = ReturnType<typeof usePicks>;

/** How a click or an arrow reaches a row. */
export function reachRow(picks: Picks, move: (index: number) => void, index: number, how: Reach): void {
  if (how === 'extend') void picks.extend(index);
  if (how === 'pick') picks.toggle(index);
  move(index);
}
