// Owns the log of what was tracked of a report's workflows: a long table of one kind or of all, with the entry under the cursor beside it.
import { useCallback, useMemo } from 'react';
import { trackedAt, trackingKey } from '../../domain/tracking.ts';
import type { TrackingEntry, TrackingKind } from '../../domain/tracking.ts';
import type { LoggedEntry } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { EmptyPane } from '../fact-pane.tsx';
import { Mark, useNow, When } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import type { GridColumn } from '../table/data-grid.tsx';
import type { FetchPage } from '../table/row-source.ts';
import { RowsWithPane } from '../table/rows-with-pane.tsx';
import { useReportRows } from '../table/use-report-rows.ts';
import { TrackedPane } from './tracked-pane.tsx';
import { entryLook, entryTook, kindName, kindNames, logText, whereWords } from './tracking-words.ts';

function StateMark({ entry }: { entry: TrackingEntry }) {
  const { glyph, color, word } = entryLook(entry);
  return (
    <Mark glyph={glyph} color={color}>
      {word}
    </Mark>
  );
}

/** Grows while the entry lasts. */
function Took({ entry }: { entry: TrackingEntry }) {
  return entryTook(entry, useNow());
}

function columnsOf(nameOf: (personId: string) => string, all: boolean): readonly GridColumn<LoggedEntry>[] {
  const says = ({ entry }: LoggedEntry) => logText(entry, nameOf);
  return [
    {
      ...{ id: 'when', heading: 'When', minWidth: 120, track: '124px', priority: 0 },
      cell: ({ entry }) => <When at={trackedAt(entry)} />,
      tone: () => 'muted',
    },
    ...(all
      ? [
          {
            ...{ id: 'kind', heading: 'Log', minWidth: 116, track: '116px', priority: 0 },
            cell: ({ entry }: LoggedEntry) => kindName[entry.kind],
            tone: () => 'muted',
          },
        ]
      : []),
    {
      ...{ id: 'where', heading: 'Phase', minWidth: 190, track: 'minmax(190px, 1.2fr)', priority: 2 },
      cell: whereWords,
      hint: whereWords,
    },
    {
      ...{ id: 'what', heading: 'What', minWidth: 240, track: 'minmax(240px, 3fr)', priority: 0 },
      cell: says,
      hint: says,
    },
    {
      ...{ id: 'state', heading: 'State', minWidth: 136, track: '136px', priority: 0 },
      cell: ({ entry }) => <StateMark entry={entry} />,
    },
    {
      ...{ id: 'took', heading: 'Took', minWidth: 110, track: '110px', priority: 1, align: 'right' },
      cell: ({ entry }) => <Took entry={entry} />,
      tone: () => 'muted',
    },
  ];
}

const keyOfEntry = ({ entry }: LoggedEntry) => trackingKey(entry);

const emptyWords: Readonly<Record<TrackingKind, string>> = {
  execution: 'Runs of the report’s workflow and of its lanes appear here.',
  step: 'Each step that a workflow asks for appears here.',
  transition: 'Each phase that moves appears here.',
  attempt: 'Each attempt of a step appears here, with its reason when it failed.',
  wait: 'Timers of deadlines, reminders and pauses appear here.',
  alert: 'Nothing was raised: what a person should look at appears here.',
  migration: 'The report runs as it began: moves to another workflow version appear here.',
  compensation: 'No step failed for good: what was done about one appears here.',
};

/** One log, or all of them together (`kind` null). */
export function Log({
  reportId,
  kind,
  nameOf,
}: {
  reportId: string;
  kind: TrackingKind | null;
  nameOf(personId: string): string;
}) {
  const fetchPage = useCallback<FetchPage<LoggedEntry>>(
    (offset, limit) =>
      bridge().invoke('tracking:list', { reportId, kinds: kind === null ? [] : [kind], offset, limit }),
    [reportId, kind],
  );
  const source = useReportRows(reportId, keyOfEntry, fetchPage);
  const columns = useMemo(() => columnsOf(nameOf, kind === null), [nameOf, kind]);
  return (
    <>
      {source.failure && <FailurePanel failure={source.failure} retry={() => source.startOver()} />}
      <RowsWithPane<LoggedEntry>
        source={source}
        label={`${kind === null ? 'Everything tracked' : kindNames[kind]}, newest first`}
        columns={columns}
        keyOf={keyOfEntry}
        empty={kind === null ? 'What the workflows of this report do appears here.' : emptyWords[kind]}
        renderPane={(row, close) =>
          row ? <TrackedPane entry={row.entry} close={close} nameOf={nameOf} /> : <EmptyPane close={close} />
        }
      />
    </>
  );
}
