// Owns reading a long table of one report: anew when the person or the application is another, refreshed when the report changed.
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { bridge } from '../bridge.ts';
import { useShared } from '../store.ts';
import { RowSource } from './row-source.ts';
import type { FetchPage } from './row-source.ts';

/** The rows that `fetchPage` brings. Both functions are to stay the same while they ask for the same. */
export function useReportRows<Row>(
  reportId: string,
  keyOf: (row: Row) => string,
  fetchPage: FetchPage<Row>,
): RowSource<Row> {
  const epoch = useShared((state) => state.epoch);
  const source = useMemo(() => {
    void epoch;
    return new RowSource<Row>({ keyOf, fetchPage });
  }, [keyOf, fetchPage, epoch]);
  useEffect(
    () =>
      bridge().subscribe((event) => {
        if (event.kind === 'changed' && event.reportIds.includes(reportId)) void source.refresh('elsewhere');
      }),
    [source, reportId],
  );
  useSyncExternalStore(source.subscribe, source.revision);
  return source;
}
