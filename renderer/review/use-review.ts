// Owns the state of a review screen as one thing: rows, cursor, selection, mode, open dialog. Asks the core and the domain.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { whyNot } from '../../domain/authority.ts';
import type { VersionDetail } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { tellDone, tellFailure } from '../notices.tsx';
import { useMe } from '../use-me.ts';
import type { GridHandle, Reach } from '../table/data-grid.tsx';
import type { OpenDialog } from './review-dialogs.tsx';
import { nextOpenRow, useDecisions } from './use-decisions.ts';
import { useRejections } from './use-rejections.ts';
import { reachRow, useCursor, useItemSource, usePicks } from './use-rows.ts';
import type { VersionContext } from './version-context.ts';
import type { Picked, ReviewView } from './view-state.ts';

/** What this person does here: decides, answers rejections, edits and hands in, or only reads (and why). */
export type ReviewMode = 'review' | 'answer' | 'edit' | 'read';

/** What the core allows: deciding comes first. */
export function modeOf(detail: Pick<VersionDetail, 'whyNotReview' | 'whyNotRevise' | 'whyNotEdit'>): ReviewMode {
  if (detail.whyNotReview === null) return 'review';
  if (detail.whyNotRevise === null) return 'answer';
  return detail.whyNotEdit === null ? 'edit' : 'read';
}

interface Input {
  detail: VersionDetail;
  context: VersionContext;
  view: ReviewView;
  change(part: Partial<ReviewView>): void;
  search: string;
  reload(): void;
}

/** Everything the parts of the screen need. */
export function useReview({ detail, context, view, change, search, reload }: Input) {
  const { versionId } = detail.version;
  const grid = useRef<GridHandle>(null);
  const filter = useMemo(() => ({ ...view.filter, search }), [view.filter, search]);
  const source = useItemSource(versionId, filter, view.sort);
  const { cursor, move } = useCursor(source, view.cursor, grid);
  const picks = usePicks({ versionId, filter, sort: view.sort }, source, view.selected, cursor.index);
  const acts = useDecisions(versionId, source, reload);
  const mode = modeOf(detail);
  const me = useMe();
  const rejections = useRejections(versionId, mode === 'answer');
  const [open, setOpen] = useState<OpenDialog | null>(null);
  const row = source.row(cursor.index);

  useEffect(() => change({ cursor }), [cursor, change]);
  useEffect(() => change({ selected: picks.picked.slice(0, 500) }), [picks.picked, change]);
  useEffect(() => grid.current?.focus(), []);

  const jump = useCallback(
    async function again(from: number): Promise<void> {
      const located = await bridge().invoke('version:locate', { versionId, filter, sort: view.sort, from });
      if (!located.ok) return tellFailure(located.error);
      if (located.value.index !== null) move(located.value.index);
      else if (from > 0) await again(0);
      else if (view.filter.show === 'all' && search === '') tellDone('Everything here is decided');
      else tellDone('Everything that this filter shows is decided');
    },
    [versionId, filter, view.sort, view.filter.show, search, move],
  );
  // Who opens a version for the first time wants the first row to decide.
  const moved = useRef(false);
  const fresh = useRef(view.cursor.key === null && mode === 'review');
  useEffect(() => {
    if (!fresh.current || source.total === null) return;
    fresh.current = false;
    if (detail.counts.pending === 0) return;
    void bridge()
      .invoke('version:locate', { versionId })
      .then((located) => {
        // A late answer must not take the cursor away from where the person has gone meanwhile.
        if (located.ok && located.value.index !== null && !moved.current) move(located.value.index);
      });
  }, [source.total, detail.counts.pending, versionId, move]);
  const advance = useCallback(
    (from: number) => {
      const next = nextOpenRow(source, from);
      if (next === 'unread') void jump(from + 1);
      else if (next !== null) move(next);
    },
    [source, jump, move],
  );
  const targets = useMemo<Picked[]>(
    () => (picks.picked.length > 1 ? picks.picked : row ? [row] : []),
    [picks.picked, row],
  );
  const reach = (index: number, how: Reach) => {
    moved.current = true;
    reachRow(picks, move, index, how);
  };
  return {
    detail,
    context,
    view,
    change,
    search,
    reload,
    mode,
    /** Who sits here, by name. */
    me: me?.name ?? '',
    mayDispute: me !== null && whyNot({ kind: 'dispute' }, me, context.report?.assignments ?? []) === null,
    grid,
    source,
    row,
    targets,
    picks,
    acts,
    rejections,
    move,
    jump,
    advance,
    reach,
    filter,
    cursor: cursor.index,
    openDialog: setOpen,
    open,
  };
}
export type Review = ReturnType<typeof useReview>;
