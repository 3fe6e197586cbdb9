// Owns the list of what happens now in a report, or in one of its phases: steps with their attempts, alerts, waits, and what failed for good
// with the ways to settle it. Reads one command; decides nothing.
import { Box, Button, Link } from '@mui/material';
import { useState } from 'react';
import type { Settlement } from '../../domain/compensation.ts';
import type { Report } from '../../domain/change.ts';
import { placeName } from '../../domain/phases.ts';
import type { CompensationRow } from '../../preload/contract.ts';
import { count, counted } from '../formats.ts';
import { useKeys } from '../keys.ts';
import { DeliveryMark, Mark, useNow, When } from '../marks.tsx';
import { FailurePanel, sentence } from '../notices.tsx';
import { waitsFor } from '../phase/phase-words.ts';
import { focusRowOf, HiddenHeading, RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { go, hashOf } from '../routes.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { nowRows, rowsAt } from './now-rows.ts';
import type { NowRow } from './now-rows.ts';
import { SettleDialog } from './settle-dialog.tsx';
import { settleDoing, settleKeys, settleLabels, settlersOf } from './settle-words.ts';
import { actionsWords, alertColor, isRetried, jobName, stepName, stepWords, timerWords } from './tracking-words.ts';
import type { Place } from './tracking-words.ts';

/** Rows that are shown before all are asked for: below stand other reports. */
const shownFirst = 6;

function What({ row }: { row: NowRow }) {
  switch (row.kind) {
    case 'compensation':
      return (
        <Mark glyph="warning" color="rejected.main" weight={600}>
          failed for good
        </Mark>
      );
    case 'alert':
      return (
        <Mark glyph="warning" color={alertColor(row.row.severity)} weight={600}>
          {row.row.severity === 'critical' ? 'critical alert' : 'alert'}
        </Mark>
      );
    case 'step':
      return isRetried(row.row) ? (
        <Mark glyph="half" color="waiting.main" weight={500}>
          tried again
        </Mark>
      ) : (
        <Mark glyph="quarter" color="accent.main">
          running
        </Mark>
      );
    case 'people':
    case 'timer':
      return (
        <Mark glyph="ring" color="text.secondary">
          waits
        </Mark>
      );
  }
}

/** Two lines at most; the whole is its tooltip. */
function Clamped({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Box
      title={title}
      sx={{
        my: 0.5,
        // Where the window is narrow the table scrolls sideways before its reasons are cut.
        minWidth: '14em',
        overflow: 'hidden',
        display: '-webkit-box',
        WebkitLineClamp: 2,
        WebkitBoxOrient: 'vertical',
        overflowWrap: 'anywhere',
      }}
    >
      {children}
    </Box>
  );
}

function Says({ row, nameOf }: { row: NowRow; nameOf(personId: string): string }) {
  const now = useNow();
  switch (row.kind) {
    case 'compensation': {
      const { job, reason } = row.row;
      const text = `${jobName(job)}: ${actionsWords(row.row)} · ${reason}`;
      return <Clamped title={text}>{text}</Clamped>;
    }
    case 'alert':
      return <Clamped title={row.row.message}>{sentence(row.row)}</Clamped>;
    case 'step': {
      const text = `${stepName(row.row.step.activity)} · ${stepWords(row.row, now)}`;
      return <Clamped title={text}>{text}</Clamped>;
    }
    case 'people':
      return waitsFor(row.row.waitingFor, nameOf).replace(/^waits /u, '');
    case 'timer':
      return (
        <>
          for {timerWords(row.row)}, <When at={row.row.wait.until} as="due" />
        </>
      );
  }
}

interface Acts {
  report: Report;
  nameOf(personId: string): string;
  choose(row: CompensationRow, choice: Settlement): void;
}

/** The ways to settle it, for those who may; the others read who is waited for. What was refused can be asked for again. */
function SettleActs({ row, report, nameOf, choose }: Acts & { row: CompensationRow }) {
  const { asked, whyNotSettle, choices } = row;
  if (asked === null && whyNotSettle !== null) {
    return (
      <Box component="span" title={sentence(whyNotSettle)} sx={{ color: 'text.secondary' }}>
        waits for {settlersOf(report, nameOf)}
      </Box>
    );
  }
  return (
    <Box component="span" sx={{ display: 'inline-flex', gap: 1, alignItems: 'center', py: 0.25 }}>
      {asked !== null && <DeliveryMark delivery={asked.delivery}> · {settleDoing[asked.choice]}</DeliveryMark>}
      {whyNotSettle === null &&
        choices.map((choice) => (
          <Button
            key={choice}
            variant="outlined"
            onClick={(event) => {
              event.stopPropagation();
              focusRowOf(event.currentTarget);
              choose(row, choice);
            }}
          >
            {settleLabels[choice]}…
          </Button>
        ))}
    </Box>
  );
}

function columnsOf(acts: Acts, placed: boolean): readonly Column<NowRow>[] {
  const { report, nameOf } = acts;
  const where: Column<NowRow> = {
    id: 'where',
    heading: 'Phase',
    width: '20%',
    cell: ({ place }) =>
      place && (
        <Link
          href={hashOf({ screen: 'phase', reportId: report.reportId, ...place })}
          color="textPrimary"
          underline="hover"
          onClick={(event) => event.stopPropagation()}
        >
          {placeName(place)}
        </Link>
      ),
  };
  return [
    { id: 'what', heading: 'Now', width: '132px', oneLine: true, cell: (row) => <What row={row} /> },
    // On the page of the phase it would say in each row where one is.
    ...(placed ? [] : [where]),
    { id: 'says', heading: 'What', cell: (row) => <Says row={row} nameOf={nameOf} /> },
    {
      id: 'since',
      heading: 'Since',
      width: '108px',
      oneLine: true,
      muted: true,
      cell: ({ at }) => at !== '' && <When at={at} />,
    },
    {
      id: 'acts',
      heading: <HiddenHeading>Actions</HiddenHeading>,
      align: 'right',
      oneLine: true,
      cell: (row) => row.kind === 'compensation' && <SettleActs {...acts} row={row.row} />,
    },
  ];
}

/** "1 to settle · 2 alerts · 3 steps", with what the lists do not hold. */
function summary(open: { steps: number; alerts: number; compensations: number }): string {
  return [
    ...(open.compensations > 0 ? [`${count(open.compensations)} to settle`] : []),
    ...(open.alerts > 0 ? [counted(open.alerts, 'alert')] : []),
    ...(open.steps > 0 ? [counted(open.steps, 'step')] : []),
  ].join(' · ');
}

interface Props {
  report: Report;
  nameOf(personId: string): string;
  /** Only what is about this phase; nothing is drawn where nothing is. */
  place?: Place;
  /** A link to the whole of it; left out on the page that has it. */
  more?: boolean;
  /** Keys settle the first that waits; not where several reports are on one page. */
  keyed?: boolean;
}

type Choose = Acts['choose'];

/** Keys for the first step that this person can settle. */
function useSettleKeys(rows: readonly NowRow[] | null, keyed: boolean, choose: Choose): void {
  const first = rows?.find((one) => one.kind === 'compensation' && one.row.whyNotSettle === null);
  const row = keyed && first?.kind === 'compensation' ? first.row : null;
  useKeys({
    title: 'What happens now',
    actions:
      row?.choices.map((choice) => ({
        keys: settleKeys[choice],
        label: `${settleLabels[choice]}: the first that failed for good`,
        run: () => choose(row, choice),
      })) ?? [],
  });
}

/** What happens now. Read again whenever the feed brings something of the report. */
export function HappensNow({ report, nameOf, place, more = true, keyed = false }: Props) {
  const { reportId } = report;
  const loaded = useCommand('tracking:get', { reportId }, whenReportChanges(reportId));
  const [asking, setAsking] = useState<{ row: CompensationRow; choice: Settlement } | null>(null);
  const [all, setAll] = useState(false);
  const now = valueOf(loaded);
  const found = now && nowRows(now);
  const rows = found && place ? rowsAt(found, place) : found;
  const choose: Choose = (row, choice) => setAsking({ row, choice });
  useSettleKeys(rows, keyed, choose);
  if (place && (rows === null || rows.length === 0)) return null;
  // A report that is over does nothing any more.
  if (report.ended !== null && rows?.length === 0) return null;
  const link = more && <Link href={hashOf({ screen: 'workflow', reportId })}>logs and metrics</Link>;
  const label = `What happens now in ${place ? placeName(place) : report.name}`;
  const counts = now && !place ? summary(now.open) : '';
  return (
    <Section
      title="What happens now"
      label={label}
      note={
        <>
          {counts}
          {counts !== '' && link && ' · '}
          {link}
        </>
      }
    >
      {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
      {(loaded.kind !== 'failed' || now) && (
        <RowList<NowRow>
          label={label}
          rows={rows && (all ? rows : rows.slice(0, shownFirst))}
          columns={columnsOf({ report, nameOf, choose }, place !== undefined)}
          keyOf={(row) => row.key}
          {...(place ? {} : { open: (row) => row.place && go({ screen: 'phase', reportId, ...row.place }) })}
          empty="Nothing runs, and nobody is waited for. Steps with their attempts, alerts and waits appear here as they happen."
        />
      )}
      {rows && rows.length > shownFirst && (
        <Link component="button" onClick={() => setAll(!all)} sx={{ mt: 1 }}>
          {all ? 'Show fewer' : `Show all ${count(rows.length)}`}
        </Link>
      )}
      {asking && <SettleDialog {...asking} close={() => setAsking(null)} />}
    </Section>
  );
}
