// Owns the columns of the timeline. What is tracked recedes and says in each row that it is not signed. Only shows.
import type { LifeRow } from '../../preload/contract.ts';
import { clockTime, count, exactTime } from '../formats.ts';
import { Mark, When } from '../marks.tsx';
import type { GridColumn } from '../table/data-grid.tsx';
import { lifeText, lifeWho, sourceWords } from './life-words.ts';

const timeCell = (at: string | null) => (at === null ? '' : clockTime(at));
const timeHint = (at: string | null) =>
  at === null ? 'nobody decided this: it follows from another entry' : exactTime(at);

/** The three times of an entry of the ledger; what is tracked has one, which stands under When. */
const timeColumns = (['decidedAt', 'receivedAt', 'appliedAt'] as const).map((name, at): GridColumn<LifeRow> => {
  const heading = { decidedAt: 'Decided', receivedAt: 'Received', appliedAt: 'Applied' }[name];
  return {
    // The first that goes in leaves What its room.
    ...{
      id: name,
      heading,
      minWidth: name === 'appliedAt' ? 232 : 92,
      track: '92px',
      priority: 3 - at,
      align: 'right',
    },
    cell: (row) => (row.source === 'ledger' ? timeCell(row.entry[name]) : ''),
    hint: (row) => (row.source === 'ledger' ? timeHint(row.entry[name]) : ''),
    tone: () => 'muted',
  };
});

export function lifeColumns(nameOf: (personId: string) => string): readonly GridColumn<LifeRow>[] {
  return [
    {
      ...{ id: 'sequence', heading: '#', minWidth: 60, track: '60px', priority: 0, align: 'right' },
      cell: (row) => (row.source === 'ledger' ? count(row.entry.sequence) : ''),
      tone: () => 'muted',
    },
    {
      ...{ id: 'when', heading: 'When', minWidth: 120, track: 'minmax(120px, 0.8fr)', priority: 0 },
      cell: (row) => <When at={(row.source === 'ledger' ? row.entry.decidedAt : null) ?? row.at} />,
      tone: () => 'muted',
    },
    {
      ...{ id: 'who', heading: 'Who', minWidth: 120, track: 'minmax(120px, 0.7fr)', priority: 0 },
      cell: lifeWho,
      tone: () => 'open',
    },
    {
      ...{ id: 'what', heading: 'What', minWidth: 260, track: 'minmax(260px, 3fr)', priority: 0 },
      cell: (row) => lifeText(row, nameOf),
      hint: (row) => lifeText(row, nameOf),
      tone: (row) => (row.source === 'tracked' ? 'muted' : ''),
    },
    {
      ...{ id: 'source', heading: 'From', minWidth: 168, track: '168px', priority: 0 },
      cell: (row) => (
        <Mark glyph={row.source === 'ledger' ? 'dot' : 'ring'} color="text.secondary">
          {sourceWords[row.source]}
        </Mark>
      ),
      tone: () => 'muted',
    },
    ...timeColumns,
  ];
}
