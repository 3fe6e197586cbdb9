// Owns the list of running workflows by version: what each report would gain by moving, how far a move is, and the way to move it.
import { Box, Button, Link } from '@mui/material';
import { useMemo, useState } from 'react';
import type { WorkflowRow } from '../../preload/contract.ts';
import { newestVersion } from '../../domain/workflow-version.ts';
import { counted } from '../formats.ts';
import { useKeys } from '../keys.ts';
import { Mono, visuallyHidden } from '../marks.tsx';
import { FailurePanel, sentence } from '../notices.tsx';
import { PageBody, PageHeader, usePlace, useSearch } from '../page-header.tsx';
import { focusRowOf, RowList } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { go, hashOf } from '../routes.ts';
import { useCommand, valueOf } from '../use-command.ts';
import { GainList, MoveMark } from './gain-list.tsx';
import { MoveDialog } from './move-dialog.tsx';

type Listed = WorkflowRow & {
  /** The first of its version: the others do not repeat it to the eye. */
  first: boolean;
};

/** The same in two or three words; the whole sentences stand under the selected row. */
const gainNames: Readonly<Record<WorkflowRow['gains'][number]['feature'], string>> = {
  parallelBranch: 'owners beside samples',
  lobChildren: 'lanes of their own',
  compensation: 'compensation',
};

function MoveCell({ row, move }: { row: WorkflowRow; move(row: WorkflowRow): void }) {
  const mark = <MoveMark row={row} />;
  if (row.version === newestVersion || row.movesTo !== null) return mark;
  // What was refused can be asked for again; what is on its way says so in its place.
  if (row.asked !== null && row.whyNotMove !== null) return mark;
  return (
    <>
      {mark}{' '}
      <Button
        variant="outlined"
        aria-disabled={row.whyNotMove ? true : undefined}
        title={row.whyNotMove ? sentence(row.whyNotMove) : ''}
        onClick={(event) => {
          event.stopPropagation();
          if (row.whyNotMove) return;
          focusRowOf(event.currentTarget);
          move(row);
        }}
      >
        Move…
        <Box component="span" sx={visuallyHidden}>
          {row.reportName}
        </Box>
      </Button>
    </>
  );
}

function columnsOf(move: (row: WorkflowRow) => void): readonly Column<Listed>[] {
  return [
    {
      id: 'version',
      heading: 'Runs as ▴',
      width: '92px',
      cell: (row) => (
        <Box component="span" sx={row.first ? { fontWeight: 600 } : visuallyHidden}>
          <Mono>{row.version}</Mono>
        </Box>
      ),
    },
    {
      id: 'report',
      heading: 'Report',
      width: '22%',
      cell: (row) => (
        <Link
          href={hashOf({ screen: 'workflow', reportId: row.reportId })}
          underline="hover"
          color="textPrimary"
          onClick={(event) => event.stopPropagation()}
          sx={{ fontWeight: 600 }}
        >
          {row.reportName}
        </Link>
      ),
    },
    { id: 'cycle', heading: 'Cycle', width: '16%', cell: (row) => row.cycleName },
    {
      id: 'gains',
      heading: `Gains by moving to ${newestVersion}`,
      cell: (row) =>
        row.gains.length === 0 ? 'nothing' : row.gains.map(({ feature }) => gainNames[feature]).join(', '),
    },
    {
      id: 'move',
      heading: 'Move',
      align: 'right',
      oneLine: true,
      width: '24%',
      cell: (row) => <MoveCell row={row} move={move} />,
    },
  ];
}

/** What the selected report would gain, whole; takes the key that moves it. */
function Under({ row, move }: { row: WorkflowRow; move(row: WorkflowRow): void }) {
  useKeys({
    title: 'Running workflows',
    actions: [{ keys: 'm', label: 'Move the selected report', run: () => move(row), enabled: row.whyNotMove === null }],
  });
  return (
    <Box sx={{ pl: 11, color: 'text.secondary' }}>
      <GainList gains={row.gains} />
      {row.whyNotMove && <Box sx={{ mt: 0.5 }}>{sentence(row.whyNotMove)}.</Box>}
    </Box>
  );
}

/** Only under the selected row, and only where there is something to gain. */
function underOf(move: (row: WorkflowRow) => void): (row: Listed, selected: boolean) => React.ReactNode {
  return (row, selected) => (selected && row.version !== newestVersion ? <Under row={row} move={move} /> : null);
}

const finds = (text: string, row: WorkflowRow) =>
  [row.reportName, row.cycleName, row.version].some((part) => part.toLowerCase().includes(text));

export function WorkflowsScreen() {
  usePlace([{ text: 'Home', route: { screen: 'home' } }, { text: 'Workflows' }]);
  const loaded = useCommand('workflow:list', {});
  const [moving, setMoving] = useState<WorkflowRow | null>(null);
  const under = useMemo(() => underOf(setMoving), []);
  const text = useSearch('Search reports').trim().toLowerCase();
  const versions = valueOf(loaded)?.versions ?? null;
  const rows =
    versions?.flatMap(({ reports }) =>
      reports.filter((row) => finds(text, row)).map((row, at): Listed => ({ ...row, first: at === 0 })),
    ) ?? null;
  const line = versions
    ?.map(({ version, reports }) => `${counted(reports.length, 'report')} as ${version}`)
    .join(' · ');
  return (
    <PageBody>
      <PageHeader title="Running workflows" line={line === '' ? 'None runs' : (line ?? 'Reading')} />
      {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
      {(loaded.kind !== 'failed' || rows) && (
        <RowList
          main
          label="Running workflows"
          rows={rows}
          columns={columnsOf(setMoving)}
          keyOf={(row) => row.reportId}
          open={(row) => go({ screen: 'workflow', reportId: row.reportId })}
          under={under}
          empty={
            text
              ? `No report here contains “${text}”.`
              : 'Reports that run appear here with the version of their workflow.'
          }
        />
      )}
      {moving && <MoveDialog row={moving} close={() => setMoving(null)} />}
    </PageBody>
  );
}
