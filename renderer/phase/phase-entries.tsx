// Owns the list of what people and the workflow did in one phase: its part of the ledger. Only shows.
import { Link } from '@mui/material';
import { useState } from 'react';
import type { PhaseState } from '../../domain/change.ts';
import { proposer } from '../../domain/version.ts';
import type { Version } from '../../domain/version.ts';
import type { TimelineRow } from '../../preload/contract.ts';
import { count, localTimes } from '../formats.ts';
import { useNow, When } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { hashOf } from '../routes.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { entriesOf } from './entries-of.ts';

/** How many entries of the ledger are looked through, and how many rows are shown at first. */
const looked = 500;
const shownFirst = 12;

function Summary({ text }: { text: string }) {
  const now = useNow();
  return localTimes(text, now);
}

const columns: readonly Column<TimelineRow>[] = [
  {
    id: 'when',
    heading: 'When',
    width: '14%',
    oneLine: true,
    muted: true,
    cell: (row) => <When at={row.decidedAt ?? row.appliedAt} />,
  },
  {
    id: 'who',
    heading: 'Who',
    width: '18%',
    oneLine: true,
    cell: (row) => (row.actorId === proposer ? 'Countersign' : row.actorName),
  },
  { id: 'what', heading: 'What', cell: (row) => <Summary text={row.summary} /> },
  { id: 'entry', heading: 'Entry', align: 'right', muted: true, cell: (row) => count(row.sequence) },
];

export function PhaseEntries({
  reportId,
  place,
  versions,
}: {
  reportId: string;
  place: Pick<PhaseState, 'phase' | 'lob'>;
  versions: readonly Version[];
}) {
  const [all, setAll] = useState(false);
  const loaded = useCommand('timeline:list', { reportId, limit: looked }, whenReportChanges(reportId));
  const read = valueOf(loaded);
  const rows = read && entriesOf(read.rows, place, versions);
  const beyond = read !== null && read.total > looked;
  const timeline = <Link href={hashOf({ screen: 'timeline', reportId })}>whole timeline</Link>;
  return (
    <Section
      title="Operations and steps"
      note={
        beyond ? (
          <>
            of the last {count(looked)} entries; the others are in the {timeline}
          </>
        ) : (
          timeline
        )
      }
    >
      {loaded.kind === 'failed' && !read ? (
        <FailurePanel failure={loaded.error} retry={loaded.reload} />
      ) : (
        <RowList
          label="Operations and steps"
          rows={rows && (all ? rows : rows.slice(0, shownFirst))}
          columns={columns}
          keyOf={(row) => String(row.sequence)}
          empty="What people and the workflow do in this phase appears here."
        />
      )}
      {rows && rows.length > shownFirst && (
        <Link component="button" onClick={() => setAll(!all)} sx={{ mt: 1 }}>
          {all ? 'Show fewer' : `Show all ${count(rows.length)}`}
        </Link>
      )}
    </Section>
  );
}
