// Owns a report's page: where its phases stand, what keeps it, what happens now, its versions, lines of business, populations, plans, people, and what
// could not be read.
import { Alert, Stack } from '@mui/material';
import type { Report } from '../../domain/change.ts';
import type { Version } from '../../domain/version.ts';
import { whyNotTurn } from '../../domain/turn.ts';
import type { CommandOutput } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { ReportRail } from '../cycle/report-rail.tsx';
import { SteerReport } from '../cycle/steer-report.tsx';
import { count, counted } from '../formats.ts';
import { When } from '../marks.tsx';
import { FailurePanel, sentence } from '../notices.tsx';
import { PageBody, PageHeader, usePlace } from '../page-header.tsx';
import { progressWords } from '../phase/phase-words.ts';
import { VersionList } from '../phase/version-list.tsx';
import { Section } from '../row-list.tsx';
import { go } from '../routes.ts';
import { NextTurn } from '../shell/next-turn.tsx';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { useMay } from '../use-may.ts';
import { useMe } from '../use-me.ts';
import { usePeople } from '../use-people.ts';
import { HappensNow } from '../workflow/happens-now.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { LobsChooser, newestReady } from './lobs-chooser.tsx';
import { Plans } from './plans.tsx';
import { Populations } from './populations.tsx';
import { Recommendations } from './recommendations.tsx';
import { ReportPeople } from './report-people.tsx';

type ReportData = CommandOutput<'report:get'>;

// The newest version beside the one it came from; without a parent there is nothing to compare.
function pairToCompare(versions: readonly Version[]): { leftVersionId: string; rightVersionId: string } | null {
  const right = versions.find((version) => version.parentVersionId !== null);
  return right?.parentVersionId ? { leftVersionId: right.parentVersionId, rightVersionId: right.versionId } : null;
}

const samples = { phase: 'sample-selection', lob: null } as const;

function Head({ data, cycleName }: { data: ReportData; cycleName: string }) {
  const { report, versions, populations } = data;
  const may = useMay(report);
  const me = useMe();
  const pair = pairToCompare(versions);
  const { reportId } = report;
  const settledSample = versions.some((row) => row.phase === samples.phase && row.status === 'approved');
  const noMoreImports = settledSample
    ? ({ code: 'out-of-turn', message: 'the sample is approved: it rests on the population that is here' } as const)
    : null;
  const open = (step: 'file' | 'plan') => () => go({ screen: 'import', reportId, step });
  const needsFile = populations.length === 0;
  return (
    <PageHeader title={report.name} line={<HeadLine report={report} cycleName={cycleName} />}>
      <NextTurn report={report} here={null} />
      <ActionButton label="Timeline" keys="t" group="Report" run={() => go({ screen: 'timeline', reportId })} />
      <ActionButton label="Workflow" keys="w" group="Report" run={() => go({ screen: 'workflow', reportId })} />
      {pair && (
        <ActionButton label="Compare versions" keys="c" group="Report" run={() => go({ screen: 'compare', ...pair })} />
      )}
      {newestReady(populations) && (
        <ActionButton
          label="Plan and draw"
          keys="p"
          group="Report"
          whyNot={may({ kind: 'plan-sample' }, me && whyNotTurn(report, samples, me))}
          run={open('plan')}
        />
      )}
      <ActionButton
        label="Import a population"
        keys="i"
        group="Report"
        variant={needsFile ? 'contained' : 'outlined'}
        color={needsFile ? 'primary' : 'inherit'}
        whyNot={may({ kind: 'import-population' }, noMoreImports)}
        run={open('file')}
      />
      <SteerReport report={report} />
    </PageHeader>
  );
}

function HeadLine({ report, cycleName }: { report: Report; cycleName: string }) {
  return (
    <>
      {cycleName} · {progressWords(report)} ·{' '}
      {report.dueAt ? (
        <>
          due <When at={report.dueAt} as="due" />
        </>
      ) : (
        'no due date'
      )}
      {report.redraws > 0 && ` · drawn again ${counted(report.redraws, 'time')}, disclosed in the report`}
    </>
  );
}

/** What keeps the whole report: over, paused, or a question that a person has to answer. */
function Standing({ report }: { report: Report }) {
  return (
    <Stack spacing={1} sx={{ mb: 1.5, '&:empty': { mb: 0 } }}>
      {report.ended && (
        <Alert severity="info">
          This report ended <When at={report.ended.at} />: {report.ended.reason}. It can still be read.
        </Alert>
      )}
      {report.paused && (
        <Alert severity="warning">
          Paused <When at={report.paused.at} />: {report.paused.reason}. Nothing can be decided or recorded until a test
          manager resumes it.
        </Alert>
      )}
      {report.problem !== null && (
        <Alert severity="error" role="alert">
          {sentence({ message: report.problem })}
        </Alert>
      )}
    </Stack>
  );
}

function Content({ data }: { data: ReportData }) {
  const { nameOf } = usePeople();
  const { report, versions, populations, plans, deadLetters, recommendations } = data;
  return (
    <>
      <Standing report={report} />
      <ReportRail report={report} versions={versions} nameOf={nameOf} />
      <HappensNow report={report} nameOf={nameOf} keyed />
      {report.problem !== null && <LobsChooser report={report} populations={populations} />}
      <Section title="Versions" note={versions.length === 0 ? '' : count(versions.length)}>
        <VersionList
          main
          versions={versions}
          nameOf={nameOf}
          empty={
            populations.length === 0
              ? 'The first version is proposed from the population: a tester imports it.'
              : 'The first version appears here when it was proposed from the population.'
          }
        />
      </Section>
      {report.problem === null && <LobsChooser report={report} populations={populations} />}
      <Populations reportId={report.reportId} populations={populations} nameOf={nameOf} />
      <Recommendations recommendations={recommendations} />
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
  usePlace([
    {
      text: cycleName,
      route: cycle ? ({ screen: 'cycle', cycleId: cycle.cycleId } as const) : ({ screen: 'home' } as const),
    },
    { text: data?.report.name ?? 'Report' },
  ]);
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
