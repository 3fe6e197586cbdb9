// Owns the list of a report's populations, and of the imports that are on their way.
import { Button } from '@mui/material';
import type { Population } from '../../domain/population.ts';
import { bytes, count } from '../formats.ts';
import { ImportLine } from '../imports/import-line.tsx';
import { isOnItsWay, useImports } from '../imports/use-imports.ts';
import { Hash, Mark, Mono, When } from '../marks.tsx';
import { RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { go } from '../routes.ts';

function State({ population }: { population: Population }) {
  switch (population.state.kind) {
    case 'importing':
      return (
        <Mark glyph="half" color="waiting.main">
          being profiled
        </Mark>
      );
    case 'failed':
      return (
        <Mark glyph="cross" color="rejected.main">
          {population.state.message}
        </Mark>
      );
    case 'ready':
      return (
        <Mark glyph="tick" color="approved.main">
          ready
        </Mark>
      );
  }
}

function columnsOf(nameOf: (id: string) => string): readonly Column<Population>[] {
  return [
    { id: 'file', oneLine: true, heading: 'File', width: '24%', cell: (row) => <strong>{row.fileName}</strong> },
    { id: 'state', heading: 'State', width: '24%', cell: (row) => <State population={row} /> },
    {
      id: 'rows',
      heading: 'Rows',
      align: 'right',
      cell: (row) => (row.state.kind === 'ready' ? count(row.state.rowCount) : ''),
    },
    { id: 'size', heading: 'Size', align: 'right', hideBelow: 'lg', cell: (row) => bytes(row.fileSize) },
    {
      id: 'key',
      heading: 'Key',
      cell: (row) => <Mono>{row.state.kind === 'ready' ? (row.state.keyColumn ?? 'none fits') : ''}</Mono>,
    },
    { id: 'hash', heading: 'SHA-256', cell: (row) => <Hash value={row.populationHash} label="SHA-256 of the file" /> },
    {
      id: 'imported',
      hideBelow: 'xl',
      oneLine: true,
      heading: 'Imported',
      muted: true,
      cell: (row) => (
        <>
          {nameOf(row.importedBy)}, <When at={row.importedAt} />
        </>
      ),
    },
  ];
}

export function Populations({
  reportId,
  populations,
  nameOf,
}: {
  reportId: string;
  populations: readonly Population[];
  nameOf(id: string): string;
}) {
  const jobs = useImports(reportId).imports.filter(isOnItsWay);
  const openWizard = () => go({ screen: 'import', reportId, step: populations.length > 0 ? 'columns' : 'file' });
  return (
    <Section
      title="Populations"
      action={
        jobs.length > 0 ? (
          <Button onClick={() => go({ screen: 'import', reportId, step: 'file' })}>Open the import</Button>
        ) : null
      }
    >
      {jobs.map((job) => (
        <ImportLine key={job.importId} job={job} />
      ))}
      <RowList
        label="Populations"
        rows={populations}
        columns={columnsOf(nameOf)}
        keyOf={(row) => row.populationHash}
        open={openWizard}
        empty="A tester imports the population file; its rows, columns and hash appear here."
      />
    </Section>
  );
}
