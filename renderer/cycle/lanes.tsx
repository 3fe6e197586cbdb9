// Owns the lanes of a report: a row per line of business, a column per phase that runs in it. Only shows; steering is beside it.
import { Box, Link, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import type { LobState, PhaseState, Report } from '../../domain/change.ts';
import { isOpen, isSettled, phasesOf, wholeReportLob } from '../../domain/flow.ts';
import { placeName } from '../../domain/phases.ts';
import type { Version } from '../../domain/version.ts';
import { count, counted } from '../formats.ts';
import { visuallyHidden, When } from '../marks.tsx';
import { HiddenHeading } from '../row-list.tsx';
import { hashOf } from '../routes.ts';
import { Holding, LookMark } from '../phase/phase-marks.tsx';
import { holdOf, laneLook, phaseLook, versionMark, wishedSkip } from '../phase/phase-words.ts';
import { SteerLob, SteerLanes } from './steer-report.tsx';

export interface RailProps {
  report: Report;
  /** Of the report, for their numbers; those that are not here have none. */
  versions: readonly Version[];
  nameOf(personId: string): string;
}

const lanePhases = phasesOf('lob');

function LaneCell({ report, versions, nameOf, line }: RailProps & { line: PhaseState }) {
  const hold = holdOf(report, line.lob);
  const look = phaseLook(line, hold);
  return (
    <>
      <Box sx={{ height: 4, borderRadius: 1, bgcolor: look.bar, mb: 0.5 }} />
      <Link
        href={hashOf({ screen: 'phase', reportId: report.reportId, phase: line.phase, lob: line.lob })}
        underline="hover"
        color="textPrimary"
        sx={{ display: 'inline-block', whiteSpace: 'nowrap', mr: 0.75 }}
      >
        <Box component="span" sx={visuallyHidden}>
          {placeName(line)}:{' '}
        </Box>
        <LookMark look={look} weight={isOpen(line.state) && hold !== 'cancelled' ? 600 : 400} />
        <Box component="span" sx={{ color: 'text.secondary' }}>
          {versionMark(line, versions)}
        </Box>
      </Link>
      {line.state !== 'not-started' && (
        <Typography variant="caption" component="span" color="textSecondary">
          <When at={line.since} />
        </Typography>
      )}
      <Holding line={line} hold={hold} nameOf={nameOf} />
      {line.state === 'skipped' && line.reason !== '' && (
        <Typography variant="caption" component="p" color="textSecondary" noWrap title={line.reason}>
          {line.reason}
        </Typography>
      )}
    </>
  );
}

/** "12 of 340 rows · 2 deviations". */
export function laneFacts(lane: LobState): string {
  const rows =
    lane.samples === null ? `${count(lane.rows)} rows` : `${count(lane.samples)} of ${count(lane.rows)} rows`;
  if (lane.withoutSamples !== null) return `${rows} · without samples: ${lane.withoutSamples}`;
  return lane.deviations === null ? rows : `${rows} · ${counted(lane.deviations, 'deviation')}`;
}

function LaneHead({ lane, only }: { lane: LobState; only: boolean }) {
  const look = laneLook(lane);
  return (
    <>
      <Box sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{only ? 'Whole report' : lane.lob}</Box>
      <Typography variant="caption" component="p" color="textSecondary">
        {laneFacts(lane)}
      </Typography>
      {(lane.status === 'paused' || lane.status === 'cancelled') && (
        <Typography variant="caption" component="p">
          <LookMark look={look} />: {lane.reason}
        </Typography>
      )}
    </>
  );
}

/** What stands in the place of the lanes until they are named. */
function beforeNames(report: Report): string {
  const { lobSource } = report;
  const scoping = report.phases.find((line) => line.phase === 'scoping');
  const later = `The lanes appear here when ${scoping && isSettled(scoping.state) ? 'the population is there' : 'scoping is settled'}`;
  if (report.problem !== null) return report.problem;
  if (lobSource === null) return `${later}: one for the whole report, unless lines of business are chosen before`;
  if (lobSource.kind === 'none') return `${later}: one for the whole report`;
  return lobSource.kind === 'column'
    ? `${later}: one for each value of ${lobSource.column}`
    : `${later}: ${lobSource.names.join(', ')} of ${lobSource.column}`;
}

function NotNamed({ report }: { report: Report }) {
  return (
    <Box>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(3, minmax(0, 1fr))', gap: 1, mb: 0.75 }}>
        {lanePhases.map((phase) => {
          const wish = wishedSkip(report, { phase, lob: null });
          return (
            <Box key={phase}>
              <Box sx={{ height: 5, borderRadius: 1, bgcolor: 'divider', mb: 0.75 }} />
              <SteerLanes report={report} phase={phase} />
              {wish !== null && (
                <Typography variant="caption" component="p" color="textSecondary">
                  to be skipped: {wish}
                </Typography>
              )}
            </Box>
          );
        })}
      </Box>
      <Typography variant="caption" component="p" color="textSecondary">
        {beforeNames(report)}.
      </Typography>
    </Box>
  );
}

/** The lines of business with their phases, side by side. */
export function Lanes(props: RailProps) {
  const { report } = props;
  if (report.lobs.length === 0) return <NotNamed report={report} />;
  const only = report.lobs.length === 1 && report.lobs[0]?.lob === wholeReportLob;
  return (
    <Box sx={{ overflowX: 'auto', bgcolor: 'background.sunk', borderRadius: 1 }}>
      <Table aria-label={`Lines of business of ${report.name}`} sx={{ tableLayout: 'fixed', minWidth: 640 }}>
        <TableHead>
          <TableRow>
            <TableCell sx={{ width: '22%' }}>Line of business</TableCell>
            {lanePhases.map((phase) => (
              <TableCell key={phase}>
                <SteerLanes report={report} phase={phase} />
              </TableCell>
            ))}
            <TableCell sx={{ width: 84 }}>
              <HiddenHeading>Actions</HiddenHeading>
            </TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {report.lobs.map((lane) => (
            <TableRow key={lane.lob} sx={{ verticalAlign: 'top', '& > td': { py: 1 } }}>
              <TableCell>
                <LaneHead lane={lane} only={only} />
              </TableCell>
              {lanePhases.map((phase) => {
                const line = report.phases.find((one) => one.phase === phase && one.lob === lane.lob);
                return <TableCell key={phase}>{line && <LaneCell {...props} line={line} />}</TableCell>;
              })}
              <TableCell align="right">
                <SteerLob report={report} lob={lane.lob} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Box>
  );
}
