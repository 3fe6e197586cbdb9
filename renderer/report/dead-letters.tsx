// Owns what arrived for a report and could not be read: whole, visible, never silently dropped.
import { Box } from '@mui/material';
import type { DeadLetter } from '../../domain/change.ts';
import { Mono, When } from '../marks.tsx';
import { RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';

const columns: readonly Column<DeadLetter>[] = [
  { id: 'when', heading: 'Received', width: '14%', muted: true, cell: (row) => <When at={row.receivedAt} /> },
  { id: 'why', heading: 'Why it has no effect', width: '36%', cell: (row) => row.message },
  { id: 'target', heading: 'Sent to', cell: (row) => <Mono>{row.target}</Mono> },
];

function excerptUnder(row: DeadLetter, selected: boolean): React.ReactNode {
  if (!selected) return null;
  return (
    <Box component="pre" sx={{ typography: 'mono', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', m: 0 }}>
      {row.excerpt}
    </Box>
  );
}

export function DeadLetters({ deadLetters }: { deadLetters: readonly DeadLetter[] }) {
  if (deadLetters.length === 0) return null;
  return (
    <Section title="Dead letters" note="Arrived for this report and could not be read; none had an effect">
      <RowList
        label="Dead letters"
        rows={deadLetters}
        columns={columns}
        keyOf={(row) => row.deadLetterId}
        empty=""
        under={excerptUnder}
      />
    </Section>
  );
}
