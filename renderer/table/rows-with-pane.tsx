// Owns a long table with the row under the cursor whole beside it: beside where there is room, over the table where there is not.
// Knows neither what the rows are nor where they come from.
import { Box, useMediaQuery } from '@mui/material';
import { useEffect, useMemo, useRef, useState } from 'react';
import { sizes } from '../theme.ts';
import { ArrivedLine } from './arrived-line.tsx';
import { DataGrid } from './data-grid.tsx';
import type { GridColumn, GridHandle } from './data-grid.tsx';
import { fitColumns } from './fit-columns.ts';
import type { RowSource } from './row-source.ts';
import { useWidth } from './use-width.ts';

/** `columns` are all there are, the same while they are the same: those that fit are shown. `renderPane` is given what closes it, null beside. */
export function RowsWithPane<Row>({
  source,
  label,
  columns,
  keyOf,
  empty,
  renderPane,
}: {
  source: RowSource<Row>;
  label: string;
  columns: readonly GridColumn<Row>[];
  keyOf(row: Row): string;
  empty: string;
  renderPane(row: Row | undefined, close: (() => void) | null): React.ReactNode;
}) {
  const [reached, setReached] = useState({ source, cursor: 0 });
  // Other rows begin at their top.
  const cursor = reached.source === source ? reached.cursor : 0;
  const [paneShown, setPaneShown] = useState<boolean | null>(null);
  const grid = useRef<GridHandle>(null);
  const [watchWidth, width] = useWidth();
  const roomy = useMediaQuery((theme) => theme.breakpoints.up('lg'));
  const shown = useMemo(() => fitColumns(columns, width || sizes.pane), [columns, width]);
  useEffect(() => grid.current?.focus(), []);
  return (
    <>
      <ArrivedLine arrived={source.arrived} show={() => source.startOver()} />
      <Box
        sx={{
          ...{ flex: 1, minHeight: sizes.leastTable, display: 'flex', position: 'relative' },
          ...{ borderTop: 1, borderColor: 'divider' },
        }}
      >
        <Box ref={watchWidth} sx={{ flex: 1, minWidth: 0 }}>
          <DataGrid<Row>
            key={label}
            label={label}
            source={source}
            columns={shown}
            keyOf={keyOf}
            cursor={cursor}
            reach={(next) => setReached({ source, cursor: next })}
            open={() => setPaneShown(true)}
            empty={empty}
            handle={grid}
          />
        </Box>
        {(paneShown ?? roomy) && renderPane(source.row(cursor), roomy ? null : () => setPaneShown(false))}
      </Box>
    </>
  );
}
