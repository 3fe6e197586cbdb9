// Owns which columns the review's table shows in the room there is, and hands the rows to it. Decides nothing.
import { Box } from '@mui/material';
import { useEffect, useMemo } from 'react';
import { DataGrid } from '../table/data-grid.tsx';
import { fitColumns } from '../table/fit-columns.ts';
import { isSelected } from '../table/selection.ts';
import { useWidth } from '../table/use-width.ts';
import { keyOfRow, longestTexts, numericFields, reviewColumns, toneOfRow } from './review-columns.tsx';
import type { ShownRow } from './review-columns.tsx';
import type { Review } from './use-review.ts';
import { nextSort } from './view-state.ts';

/** How many rows are looked at to tell numbers from texts. */
const sampledRows = 100;

const noRows: readonly ShownRow[] = [];

function emptyWords(review: Review): string {
  const { detail, view, search } = review;
  if (detail.version.itemCount === 0) return 'This version has no rows.';
  if (detail.cachedItems === 0) return 'Its rows are not on this laptop yet; they come with the next connection.';
  if (search !== '') return `No row contains “${search}” here.`;
  return view.filter.show === 'pending' ? 'Everything is decided.' : 'No row is like that.';
}

export function ReviewTable({
  review,
  keyName,
  nameOf,
  setShownFields,
  label,
}: {
  review: Review;
  keyName: string;
  nameOf(personId: string | null): string;
  setShownFields(fields: readonly string[]): void;
  label: string;
}) {
  const { source, detail, view, picks, mode } = review;
  const [watchWidth, width] = useWidth();
  const { fields, version } = detail;
  const { phase } = version;
  const draft = version.status === 'draft';
  const firstRows =
    source.total === null
      ? noRows
      : Array.from({ length: sampledRows }, (_, at) => source.row(at)).filter((row) => row !== undefined);
  const numericKey = [...numericFields(fields, firstRows)].join('\n');
  const longestTextsKey = JSON.stringify([
    ...longestTexts(
      phase,
      fields,
      firstRows.map(({ body }) => body),
    ),
  ]);
  const keyLength = Math.max(0, ...firstRows.map((row) => row.itemKey.length));
  const chosenKey = view.fields?.join('\n') ?? null;
  const fieldsKey = fields.join('\n');
  const columns = useMemo(() => {
    const split = (text: string) => (text === '' ? [] : text.split('\n'));
    const all = reviewColumns({
      phase,
      longestKey: keyLength,
      fields: split(fieldsKey),
      keyName,
      longest: new Map(JSON.parse(longestTextsKey) as [string, number][]),
      numeric: new Set(split(numericKey)),
      chosen: chosenKey === null ? null : split(chosenKey),
      draft,
      answering: mode === 'answer',
      nameOf,
      isSelected: (key) => isSelected(picks.selection, key),
    });
    return width === 0 ? all.slice(0, 2) : fitColumns(all, width);
  }, [
    phase,
    keyLength,
    fieldsKey,
    keyName,
    numericKey,
    longestTextsKey,
    chosenKey,
    draft,
    mode,
    nameOf,
    picks.selection,
    width,
  ]);
  const shownKey = columns.flatMap(({ id }) => (id.startsWith('field:') ? [id.slice(6)] : [])).join('\n');
  useEffect(() => setShownFields(shownKey.split('\n')), [shownKey, setShownFields]);
  return (
    <Box ref={watchWidth} sx={{ flex: 1, minHeight: 0, minWidth: 0 }}>
      <DataGrid<ShownRow>
        label={label}
        source={source}
        columns={columns}
        keyOf={keyOfRow}
        cursor={review.cursor}
        reach={review.reach}
        open={() => review.change({ paneShown: true })}
        isSelected={(row) => isSelected(picks.selection, row.itemKey)}
        toneOf={toneOfRow}
        sort={view.sort}
        sortBy={(by) => review.change({ sort: nextSort(view.sort, by) })}
        empty={emptyWords(review)}
        handle={review.grid}
      />
    </Box>
  );
}
