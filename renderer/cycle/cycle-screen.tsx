// Owns a cycle's page: its reports, each with its phases as they run and what happens in them now. Steering is for test managers; the others read why.
import { Alert, Box, Link, Stack, Typography } from '@mui/material';
import { useState } from 'react';
import type { Report } from '../../domain/change.ts';
import { counted } from '../formats.ts';
import { Mark, When } from '../marks.tsx';
import { FailurePanel, sentence } from '../notices.tsx';
import { PageBody, PageHeader, usePlace, useSearch } from '../page-header.tsx';
import { heldUp, heldWords, progressWords } from '../phase/phase-words.ts';
import { hashOf } from '../routes.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { usePeople } from '../use-people.ts';
import { HappensNow } from '../workflow/happens-now.tsx';
import { ReportRail } from './report-rail.tsx';
import { SteerCycle, SteerReport } from './steer-report.tsx';

/** Rails are open from the start where the reports are few; else each is one line until it is wanted. */
const openFromTheStart = 4;

function HeldMark({ report }: { report: Report }) {
  const why = heldUp(report);
  if (why === null) return null;
  const quiet = report.ended !== null;
  return (
    <Mark glyph={quiet ? 'cross' : 'warning'} color={quiet ? 'text.secondary' : 'waiting.main'}>
      {why}
    </Mark>
  );
}

function Rail({ report, nameOf }: { report: Report; nameOf(personId: string): string }) {
  const { reportId } = report;
  const loaded = useCommand('version:list', { reportId }, whenReportChanges(reportId));
  return (
    <>
      <ReportRail report={report} versions={valueOf(loaded) ?? []} nameOf={nameOf} />
      <HappensNow report={report} nameOf={nameOf} />
    </>
  );
}

function ReportPart({
  report,
  nameOf,
  open: openAtStart,
}: {
  report: Report;
  nameOf(personId: string): string;
  open: boolean;
}) {
  const [open, setOpen] = useState(openAtStart);
  return (
    <Box component="section" aria-label={report.name} sx={{ mt: 2 }}>
      <Stack direction="row" sx={{ alignItems: 'center', gap: 1.5, mb: 1, flexWrap: 'wrap', minHeight: 32 }}>
        <Typography variant="h2" component="h2">
          <Link href={hashOf({ screen: 'report', reportId: report.reportId })} color="textPrimary" underline="hover">
            {report.name}
          </Link>
        </Typography>
        <Typography color="textSecondary" component="p">
          {progressWords(report)}
          {report.dueAt && (
            <>
              {' · due '}
              <When at={report.dueAt} as="due" />
            </>
          )}
        </Typography>
        <HeldMark report={report} />
        <Box sx={{ flex: 1 }} />
        {!openAtStart && (
          <Link component="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide the phases' : 'Show the phases'}
          </Link>
        )}
        <SteerReport report={report} />
      </Stack>
      {report.problem !== null && (
        <Alert severity="error" sx={{ mb: 1 }}>
          {sentence({ message: report.problem })}{' '}
          <Link href={hashOf({ screen: 'report', reportId: report.reportId })}>Open the report</Link>
        </Alert>
      )}
      {report.paused && (
        <Alert severity="warning" sx={{ mb: 1 }}>
          Paused <When at={report.paused.at} />: {report.paused.reason}
        </Alert>
      )}
      {open && <Rail report={report} nameOf={nameOf} />}
    </Box>
  );
}

/** The page of a cycle. */
export function CycleScreen({ cycleId }: { cycleId: string }) {
  const loaded = useCommand('cycle:list', {});
  const { nameOf } = usePeople();
  const found = valueOf(loaded)?.find((row) => row.cycle.cycleId === cycleId) ?? null;
  const text = useSearch('Search reports').trim().toLowerCase();
  usePlace([{ text: 'Home', route: { screen: 'home' } }, { text: found?.cycle.name ?? 'Cycle' }]);
  if (!found) {
    return (
      <PageBody>
        <PageHeader title="Cycle" line={loaded.kind === 'loading' ? 'Reading' : 'Not here'} />
        {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
        {loaded.kind === 'ready' && (
          <Alert severity="info">
            This cycle is not on this laptop yet. When its start is confirmed and you belong to one of its reports, it
            appears here by itself.
          </Alert>
        )}
      </PageBody>
    );
  }
  const { cycle, reports } = found;
  const shown = reports.filter((report) => report.name.toLowerCase().includes(text));
  const held = heldWords(reports);
  const hidden = cycle.reportIds.length - reports.length;
  return (
    <PageBody>
      <PageHeader
        title={cycle.name}
        line={
          <>
            {counted(cycle.reportIds.length, 'report')} · started <When at={cycle.startedAt} /> by{' '}
            {nameOf(cycle.startedBy)}
            {held !== '' && ` · ${held}`}
            {hidden > 0 && ` · ${hidden} not yours to see`}
          </>
        }
      >
        <SteerCycle cycle={cycle} reports={reports} />
      </PageHeader>
      {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
      {shown.map((report) => (
        <ReportPart key={report.reportId} report={report} nameOf={nameOf} open={reports.length <= openFromTheStart} />
      ))}
      {shown.length === 0 && (
        <Typography color="textSecondary">
          {reports.length === 0 ? 'You are assigned to none of its reports.' : `No report here contains “${text}”.`}
        </Typography>
      )}
    </PageBody>
  );
}
