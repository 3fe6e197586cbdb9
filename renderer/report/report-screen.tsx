// Owns a report's page: where its phases stand, its versions, populations, plans, people, and what could not be read.
import { Alert, Link, Stack } from '@mui/material';
import type { Version } from '../../domain/version.ts';
import type { Report } from '../../domain/change.ts';
import type { CommandOutput } from '../../preload/contract.ts';
import { whyNot } from '../../domain/authority.ts';
import type { Act } from '../../domain/authority.ts';
import { phaseOf } from '../../domain/phases.ts';
import { ActionButton } from '../action-button.tsx';
import { count, counted } from '../formats.ts';
import { Mark, When } from '../marks.tsx';
import type { GlyphName } from '../marks.tsx';
import { FailurePanel, sentence } from '../notices.tsx';
import { PageBody, PageHeader, usePlace } from '../page-header.tsx';
import { useMe } from '../use-me.ts';
import { usePeople } from '../use-people.ts';
import { RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { go, hashOf } from '../routes.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { DeadLetters } from './dead-letters.tsx';
import { PhaseRail } from './phase-rail.tsx';
import { Plans } from './plans.tsx';
import { Populations } from './populations.tsx';
import { ReportPeople } from './report-people.tsx';

type ReportData = CommandOutput<'report:get'>;

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
    case 'pending':
      return { glyph: 'ring', color: 'text.primary', text: version.status };
  }
}

function VersionState({ version }: { version: Version }) {
  const { glyph, color, text } = versionLook(version);
  return (
    <Mark glyph={glyph} color={color}>
      {text}
    </Mark>
  );
}

function versionColumns(nameOf: (id: string) => string): readonly Column<Version>[] {
  return [
    {
      id: 'version',
      heading: 'Version',
      width: '20%',
      cell: (row) => (
        <Link
          href={hashOf({ screen: 'version', versionId: row.versionId })}
          underline="hover"
          color="textPrimary"
          onClick={(event) => event.stopPropagation()}
          sx={{ fontWeight: 600 }}
        >
          {`${phaseOf(row.phase).name} v${row.number}`}
          {row.lob === null ? '' : ` · ${row.lob}`}
        </Link>
      ),
    },
    { id: 'state', heading: 'State', width: '15%', cell: (row) => <VersionState version={row} /> },
    { id: 'items', heading: 'Items', align: 'right', cell: (row) => count(row.itemCount) },
    { id: 'approved', heading: 'Approved', align: 'right', cell: (row) => count(row.counts.approved) },
    { id: 'rejected', heading: 'Rejected', align: 'right', cell: (row) => count(row.counts.rejected) },
    { id: 'pending', heading: 'Pending', align: 'right', cell: (row) => count(row.counts.pending) },
    {
      id: 'made',
      oneLine: true,
      heading: 'Made',
      width: '18%',
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
      width: '18%',
      muted: true,
      hideBelow: 'lg',
      cell: (row) =>
        row.reviewedBy && row.reviewedAt ? (
          <>
            {nameOf(row.reviewedBy)}, <When at={row.reviewedAt} />
          </>
        ) : (
          'not yet'
        ),
    },
  ];
}

// The newest version beside the one it came from; without a parent there is nothing to compare.
function pairToCompare(versions: readonly Version[]): { leftVersionId: string; rightVersionId: string } | null {
  const right = versions.find((version) => version.parentVersionId !== null);
  return right?.parentVersionId ? { leftVersionId: right.parentVersionId, rightVersionId: right.versionId } : null;
}

function useWhyNot(report: Report): (act: Act) => string | null {
  const me = useMe();
  return (act) => {
    const reason = me && whyNot(act, me, report.assignments);
    return reason ? sentence(reason) : null;
  };
}

function Head({ data, cycleName }: { data: ReportData; cycleName: string }) {
  const { report, versions } = data;
  const why = useWhyNot(report);
  const pair = pairToCompare(versions);
  const openWizard = (step: 'file' | 'plan') => () => go({ screen: 'import', reportId: report.reportId, step });
  return (
    <PageHeader
      title={report.name}
      line={
        <>
          {cycleName} ·{' '}
          {report.dueAt ? (
            <>
              due <When at={report.dueAt} as="due" />
            </>
          ) : (
            'no due date'
          )}
          {report.redraws > 0 && ` · drawn again ${counted(report.redraws, 'time')}, disclosed in the report`}
        </>
      }
    >
      <ActionButton
        label="Timeline"
        keys="t"
        group="Report"
        run={() => go({ screen: 'timeline', reportId: report.reportId })}
      />
      {pair && (
        <ActionButton label="Compare versions" keys="c" group="Report" run={() => go({ screen: 'compare', ...pair })} />
      )}
      {data.populations.length > 0 && (
        <ActionButton
          label="Plan and draw"
          keys="p"
          group="Report"
          whyNot={why({ kind: 'plan-sample' })}
          run={openWizard('plan')}
        />
      )}
      <ActionButton
        label="Import a population"
        keys="i"
        group="Report"
        variant={data.populations.length === 0 ? 'contained' : 'outlined'}
        color={data.populations.length === 0 ? 'primary' : 'inherit'}
        whyNot={why({ kind: 'import-population' })}
        run={openWizard('file')}
      />
    </PageHeader>
  );
}

function Content({ data }: { data: ReportData }) {
  const { nameOf } = usePeople();
  const { report, versions, populations, plans, deadLetters } = data;
  return (
    <>
      <PhaseRail report={report} versions={versions} nameOf={nameOf} />
      <Section title="Versions" note={versions.length === 0 ? '' : count(versions.length)}>
        <RowList
          main
          label="Versions"
          rows={versions}
          columns={versionColumns(nameOf)}
          keyOf={(row) => row.versionId}
          open={(row) => go({ screen: 'version', versionId: row.versionId })}
          empty="A version appears here when a sample was drawn. For that a population and a plan are needed."
        />
      </Section>
      <Populations reportId={report.reportId} populations={populations} nameOf={nameOf} />
      <Plans plans={plans} versions={versions} nameOf={nameOf} />
      <ReportPeople report={report} nameOf={nameOf} />
      <DeadLetters deadLetters={deadLetters} />
    </>
  );
}

/** The page of a report. */
export function ReportScreen({ reportId }: { reportId: string }) {
  const loaded = useCommand('report:get', { reportId }, whenReportChanges(reportId));
  const cycles = valueOf(useCommand('cycle:list', {}, (event) => event.kind === 'changed' && event.directory));
  const data = valueOf(loaded);
  const cycle = cycles?.find((row) => row.cycle.cycleId === data?.report.cycleId)?.cycle;
  const cycleName = cycle?.name ?? 'Cycle';
  usePlace([{ text: cycleName, route: { screen: 'home' } }, { text: data?.report.name ?? 'Report' }]);
  return (
    <PageBody>
      {!data && <PageHeader title="Report" line={loaded.kind === 'failed' ? 'Not here' : 'Reading'} />}
      <Stack spacing={1.5}>
        {loaded.kind === 'failed' && loaded.error.kind === 'not-found' && (
          <Alert severity="info">
            This report is not on this laptop yet. When its start is confirmed and you are assigned to it, it appears
            here by itself.
          </Alert>
        )}
        {loaded.kind === 'failed' && loaded.error.kind !== 'not-found' && (
          <FailurePanel failure={loaded.error} retry={loaded.reload} />
        )}
      </Stack>
      {data && <Head data={data} cycleName={cycleName} />}
      {data && <Content data={data} />}
    </PageBody>
  );
}
