// Owns the list of rows that were recommended for a closer look, with who recommended them. Only shows; they are picked in the draw.
import type { Recommendation } from '../../domain/change.ts';
import { count, counted } from '../formats.ts';
import { Mono, When } from '../marks.tsx';
import { RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';

/** "rules on the profile", "the model gpt-x": who recommended. */
export function recommenderWords({ by }: Pick<Recommendation, 'by'>): string {
  return by.kind === 'rules' ? 'rules on the profile' : `the model ${by.model}`;
}

const columns: readonly Column<Recommendation['picks'][number]>[] = [
  { id: 'key', heading: 'Row', width: '20%', oneLine: true, cell: (row) => <Mono>{row.itemKey}</Mono> },
  { id: 'why', heading: 'Why it is worth a look', cell: (row) => row.reason },
];

export function Recommendations({ recommendations }: { recommendations: readonly Recommendation[] }) {
  const newest = recommendations.toSorted((a, b) => b.at.localeCompare(a.at))[0];
  if (!newest) return null;
  return (
    <Section
      title="Recommended rows"
      note={
        <>
          {counted(newest.picks.length, 'row')} by {recommenderWords(newest)}, <When at={newest.at} />
          {newest.fallback !== '' && ` · the rules took over from the model: ${newest.fallback}`}
        </>
      }
    >
      <RowList
        label="Recommended rows"
        rows={newest.picks}
        columns={columns}
        keyOf={(row) => row.itemKey}
        empty={`No row stood out among those of the population (${count(0)} recommended).`}
      />
    </Section>
  );
}
