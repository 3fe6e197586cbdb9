// Owns the list of recorded sample plans: what a re-performer needs.
import { Link } from '@mui/material';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { Version } from '../../domain/version.ts';
import { count, percent } from '../formats.ts';
import { Hash, Mono, When } from '../marks.tsx';
import { RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { hashOf } from '../routes.ts';

function columnsOf(versions: readonly Version[], nameOf: (id: string) => string): readonly Column<RecordedPlan>[] {
  return [
    {
      id: 'size',
      heading: 'Sample',
      oneLine: true,
      cell: (row) => <strong>{`${count(row.sampleSize)} of ${count(row.populationSize)}`}</strong>,
    },
    { id: 'of', heading: 'Of', cell: (row) => row.request.lob ?? 'the whole' },
    { id: 'method', heading: 'Method', cell: (row) => row.method },
    { id: 'risk', heading: 'Risk', align: 'right', cell: (row) => percent(row.request.risk) },
    { id: 'tolerable', heading: 'Tolerable', align: 'right', cell: (row) => percent(row.request.tolerable) },
    { id: 'expected', heading: 'Expected', align: 'right', cell: (row) => percent(row.request.expected) },
    {
      id: 'acceptable',
      heading: 'Acceptable',
      align: 'right',
      hideBelow: 'lg',
      cell: (row) => count(row.acceptableDeviations),
    },
    { id: 'seed', heading: 'Seed', cell: (row) => <Mono>{row.request.seed}</Mono> },
    {
      id: 'file',
      heading: 'File',
      hideBelow: 'lg',
      cell: (row) => <Hash value={row.request.populationHash} label="SHA-256 of the file" />,
    },
    {
      id: 'recorded',
      oneLine: true,
      heading: 'Recorded',
      muted: true,
      cell: (row) => (
        <>
          {nameOf(row.recordedBy)}, <When at={row.recordedAt} />
        </>
      ),
    },
    {
      id: 'version',
      heading: 'Drawn',
      cell: (row) => {
        const version = versions.find((one) => one.versionId === row.versionId);
        if (!row.versionId) return 'not drawn';
        return (
          <Link href={hashOf({ screen: 'version', versionId: row.versionId })}>
            {version ? `v${version.number}` : 'drawn'}
          </Link>
        );
      },
    },
  ];
}

export function Plans({
  plans,
  versions,
  nameOf,
}: {
  plans: readonly RecordedPlan[];
  versions: readonly Version[];
  nameOf(id: string): string;
}) {
  return (
    <Section title="Sample plans">
      <RowList
        label="Sample plans"
        rows={plans}
        columns={columnsOf(versions, nameOf)}
        keyOf={(row) => row.planId}
        empty="A plan is recorded with its seed before any row is shown; it appears here."
      />
    </Section>
  );
}
