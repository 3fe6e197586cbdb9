// Owns the list of versions as report and phase show it. Only shows.
import { Link } from '@mui/material';
import { phaseOf } from '../../domain/phases.ts';
import type { Version } from '../../domain/version.ts';
import { count } from '../formats.ts';
import { Mark, When } from '../marks.tsx';
import type { GlyphName } from '../marks.tsx';
import { RowList } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { go, hashOf } from '../routes.ts';

/** What a version's state is called: a revision that was asked for counts more than "pending". */
export function versionLook(version: Pick<Version, 'status' | 'reviewVerdict'>): {
  glyph: GlyphName;
  color: string;
  text: string;
} {
  if (version.status === 'pending' && version.reviewVerdict === 'revision-requested') {
    return { glyph: 'half', color: 'waiting.main', text: 'revision requested' };
  }
  switch (version.status) {
    case 'approved':
      return { glyph: 'tick', color: 'approved.main', text: 'approved' };
    case 'rejected':
      return { glyph: 'cross', color: 'rejected.main', text: 'rejected' };
    case 'superseded':
      return { glyph: 'dot', color: 'text.secondary', text: 'superseded' };
    case 'draft':
      return { glyph: 'quarter', color: 'accent.main', text: 'draft' };
    case 'pending':
      return { glyph: 'ring', color: 'text.primary', text: 'pending' };
  }
}

export function VersionState({ version }: { version: Version }) {
  const { glyph, color, text } = versionLook(version);
  return (
    <Mark glyph={glyph} color={color}>
      {text}
    </Mark>
  );
}

/** "Observations v2 · Retail". */
export function versionName(version: Pick<Version, 'phase' | 'number' | 'lob'>): string {
  const of = version.lob === null ? '' : ` · ${version.lob}`;
  return `${phaseOf(version.phase).name} v${version.number}${of}`;
}

function columnsOf(nameOf: (id: string) => string): readonly Column<Version>[] {
  return [
    {
      id: 'version',
      heading: 'Version',
      width: '24%',
      cell: (row) => (
        <Link
          href={hashOf({ screen: 'version', versionId: row.versionId })}
          underline="hover"
          color="textPrimary"
          onClick={(event) => event.stopPropagation()}
          sx={{ fontWeight: 600 }}
        >
          {versionName(row)}
        </Link>
      ),
    },
    { id: 'state', heading: 'State', width: '14%', oneLine: true, cell: (row) => <VersionState version={row} /> },
    { id: 'items', heading: 'Items', align: 'right', cell: (row) => count(row.itemCount) },
    { id: 'approved', heading: 'Approved', align: 'right', cell: (row) => count(row.counts.approved) },
    {
      id: 'rejected',
      heading: 'Rejected',
      align: 'right',
      cell: (row) =>
        row.counts.disputed > 0
          ? `${count(row.counts.rejected)}, ${count(row.counts.disputed)} disputed`
          : count(row.counts.rejected),
    },
    { id: 'pending', heading: 'Pending', align: 'right', cell: (row) => count(row.counts.pending) },
    {
      id: 'made',
      oneLine: true,
      heading: 'Made',
      width: '17%',
      muted: true,
      cell: (row) => (
        <>
          {nameOf(row.authorId)}, <When at={row.createdAt} />
        </>
      ),
    },
    {
      id: 'reviewed',
      oneLine: true,
      heading: 'Reviewed',
      width: '17%',
      muted: true,
      hideBelow: 'lg',
      cell: (row) => <Reviewed row={row} nameOf={nameOf} />,
    },
  ];
}

function Reviewed({ row, nameOf }: { row: Version; nameOf(id: string): string }) {
  const last = row.signOffs.findLast((one) => one.voidedAt === null);
  if (last) {
    return (
      <>
        {last.meaning} by {nameOf(last.actorId)}, <When at={last.appliedAt} />
      </>
    );
  }
  if (phaseOf(row.phase).approval === 'none') return 'recorded';
  if (!row.reviewedBy || !row.reviewedAt) return 'not yet';
  return (
    <>
      {nameOf(row.reviewedBy)}, <When at={row.reviewedAt} />
    </>
  );
}

export function VersionList({
  versions,
  nameOf,
  main,
  empty,
}: {
  versions: readonly Version[];
  nameOf(id: string): string;
  /** It takes j, k and Enter of the screen. */
  main: boolean;
  empty: string;
}) {
  return (
    <RowList
      main={main}
      label="Versions"
      rows={versions}
      columns={columnsOf(nameOf)}
      keyOf={(row) => row.versionId}
      open={(row) => go({ screen: 'version', versionId: row.versionId })}
      empty={empty}
    />
  );
}
