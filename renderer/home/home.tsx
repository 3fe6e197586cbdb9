// Owns the first screen: what waits for me, what I sent, how the cycles stand, what is on this laptop.
import { Box, Link, Stack, Typography } from '@mui/material';
import { useEffect, useState } from 'react';
import { phaseOf, placeName } from '../../domain/phases.ts';
import type { Home as HomeData, HomeRow, SentRow } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { count, counted } from '../formats.ts';
import { DeliveryMark, Mark, When } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { PageBody, PageHeader, usePlace, useSearch } from '../page-header.tsx';
import { RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { go, hashOf } from '../routes.ts';
import type { Route } from '../routes.ts';
import { PlayAs, playerOf } from '../shell/play-as.tsx';
import { nextTurn } from '../shell/practice-turn.ts';
import { activeProfile, useShared } from '../store.ts';
import { useArriving } from '../use-arriving.ts';
import { perform, useCommand, valueOf } from '../use-command.ts';
import { Cycles } from './cycles.tsx';
import { FirstStart } from './first-start.tsx';
import { NewCycleDialog } from './new-cycle-dialog.tsx';
import { Preparation } from './preparation.tsx';

/** Where a row of Home leads: to the version where there is one to work on, else to the phase. */
export function routeOfRow(row: Pick<HomeRow, 'action' | 'reportId' | 'versionId' | 'phase' | 'lob'>): Route {
  if (row.action === 'devices') return { screen: 'people' };
  if (row.action === 'import') return { screen: 'import', reportId: row.reportId, step: 'file' };
  if (row.action === 'plan' || row.action === 'draw')
    return { screen: 'import', reportId: row.reportId, step: row.action };
  const { reportId, phase, lob } = row;
  const recorded = phase !== null && phaseOf(phase).making === 'recorded';
  if (row.versionId && row.action !== 'open' && !recorded) return { screen: 'version', versionId: row.versionId };
  return (row.action === 'phase' || row.action === 'settle') && phase !== null
    ? { screen: 'phase', reportId, phase, lob }
    : { screen: 'report', reportId };
}

/** "Observations of Retail v1": the phase names its line of business itself. */
export function phaseText(row: { phaseName: string; versionNumber: number | null }): string {
  return row.versionNumber === null ? row.phaseName : `${row.phaseName} v${row.versionNumber}`;
}

function ReportLink({ to, name }: { to: Route; name: string }) {
  return (
    <Link
      href={hashOf(to)}
      underline="hover"
      color="textPrimary"
      onClick={(event) => event.stopPropagation()}
      sx={{ fontWeight: 600 }}
    >
      {name}
    </Link>
  );
}

function CachedMark({ cached }: { cached: HomeRow['cached'] }) {
  if (cached === 'complete')
    return (
      <Mark glyph="dot" color="text.secondary">
        complete
      </Mark>
    );
  return (
    <Mark glyph="download" color="waiting.main">
      {cached === 'partial' ? 'partly here' : 'not here'}
    </Mark>
  );
}

const waitingColumns: readonly Column<HomeRow>[] = [
  {
    id: 'report',
    heading: 'Report',
    oneLine: true,
    width: '18%',
    cell: (row) => <ReportLink to={routeOfRow(row)} name={row.reportName} />,
  },
  { id: 'phase', heading: 'Phase and version', width: '20%', cell: phaseText },
  { id: 'needs', heading: 'What it needs', width: '26%', cell: (row) => row.needs },
  {
    id: 'due',
    heading: 'Due ▴',
    width: '14%',
    cell: (row) => (row.dueAt ? <When at={row.dueAt} as="due" /> : 'no date'),
  },
  { id: 'items', heading: 'Items', align: 'right', cell: (row) => (row.items > 0 ? count(row.items) : '') },
  {
    id: 'here',
    heading: 'On this laptop',
    width: '15%',
    cell: (row) => (row.versionId ? <CachedMark cached={row.cached} /> : ''),
  },
];

const sentColumns: readonly Column<SentRow>[] = [
  {
    id: 'report',
    heading: 'Report',
    oneLine: true,
    width: '20%',
    cell: (row) => <ReportLink to={sentRoute(row)} name={row.reportName} />,
  },
  { id: 'phase', heading: 'Phase and version', width: '20%', cell: phaseText },
  { id: 'what', heading: 'What you sent', cell: (row) => row.what },
  { id: 'items', heading: 'Items', align: 'right', cell: (row) => (row.items > 0 ? count(row.items) : '') },
  {
    id: 'delivery',
    heading: 'Delivery',
    width: '20%',
    cell: (row) => (
      <DeliveryMark delivery={row.delivery}>
        {' '}
        <When at={row.at} />
      </DeliveryMark>
    ),
  },
];

function sentRoute(row: SentRow): Route {
  return row.versionId ? { screen: 'version', versionId: row.versionId } : { screen: 'report', reportId: row.reportId };
}

const finds = (text: string, ...places: (string | null)[]) =>
  places.some((place) => place?.toLowerCase().includes(text.trim().toLowerCase()));

function GetEverything({ notCached }: { notCached: HomeData['notCached'] }) {
  if (notCached.versions === 0) return null;
  return (
    <ActionButton label="Get everything for offline" keys="g" group="Home" run={() => void perform('sync:now', {})}>
      Get everything for offline
      <Typography variant="caption" color="textSecondary">
        {counted(notCached.versions, 'version')}, {counted(notCached.items, 'item')}
      </Typography>
    </ActionButton>
  );
}

function waitingLine(home: HomeData | null): string {
  if (!home) return 'Reading';
  const items = home.waiting.reduce((sum, row) => sum + row.items, 0);
  if (home.waiting.length === 0) return 'Nothing waits for you';
  const held = items > 0 ? `, ${counted(items, 'item')}` : '';
  return `${counted(home.waiting.length, 'task')}${held} · sorted by what is due`;
}

/** In practice one person plays all parts: whose turn it is, when it is not theirs. */
function PracticeTurn({ home }: { home: HomeData }) {
  const profiles = useShared((state) => state.profiles);
  const me = useShared((state) => activeProfile(state)?.personId ?? null);
  const turn = nextTurn(home.cycles.flatMap((row) => row.reports));
  // Of those who share a turn, others go first: this person has nothing to do now.
  const others = turn?.line.waitingFor.filter((personId) => personId !== me) ?? [];
  if (home.waiting.length > 0 || !turn || !playerOf(profiles ?? [], others)) return null;
  return (
    <Stack direction="row" sx={{ gap: 1.5, alignItems: 'center', mb: 1.5, flexWrap: 'wrap' }}>
      <Typography>
        In practice you play all parts: {placeName(turn.line)} of {turn.reportName} waits for somebody else.
      </Typography>
      <PlayAs people={others} />
    </Stack>
  );
}

/** The cycles below stay in sight. */
const sentFirst = 6;

function MoreSent({ sent, all, show }: { sent: readonly SentRow[] | null; all: boolean; show(all: boolean): void }) {
  if (sent === null || sent.length <= sentFirst) return null;
  return (
    <Link component="button" onClick={() => show(!all)}>
      {all ? 'show fewer' : `show all ${count(sent.length)}`}
    </Link>
  );
}

function Lists({ home, newCycle }: { home: HomeData | null; newCycle(): void }) {
  const [all, setAll] = useState(false);
  const text = useSearch('Search reports');
  const waiting =
    home?.waiting.filter((row) => finds(text, row.reportName, row.phaseName, row.lob, row.cycleName, row.needs)) ??
    null;
  const sent = home?.sent.filter((row) => finds(text, row.reportName, row.phaseName, row.what)) ?? null;
  const whyNoCycle = home?.mayStartCycle === false ? 'Only a test manager may start a cycle' : null;
  return (
    <>
      {home && <PracticeTurn home={home} />}
      <RowList
        main
        label="Waiting for you"
        rows={waiting}
        columns={waitingColumns}
        keyOf={(row) => `${row.reportId} ${row.action} ${row.phase ?? ''} ${row.lob ?? ''} ${row.versionId ?? ''}`}
        open={(row) => go(routeOfRow(row))}
        empty={
          text
            ? `No task here contains “${text}”.`
            : 'What you have to decide, hand in, record, answer or sign appears here.'
        }
      />
      <Section title="Sent by you" note={<MoreSent sent={sent} all={all} show={setAll} />}>
        <RowList
          label="Sent by you"
          rows={sent && (all || text ? sent : sent.slice(0, sentFirst))}
          columns={sentColumns}
          keyOf={(row) => `${row.reportId} ${row.versionId ?? ''} ${row.at} ${row.what}`}
          open={(row) => go(sentRoute(row))}
          empty="What you hand in, decide and sign appears here, with how far it has come."
        />
      </Section>
      <Section
        title="Cycles"
        action={whyNoCycle ? null : <ActionButton label="New cycle…" keys="c" group="Home" run={newCycle} showKey />}
      >
        <Cycles cycles={home?.cycles ?? null} search={text} />
      </Section>
    </>
  );
}

export function Home() {
  usePlace([{ text: 'Home' }]);
  const loaded = useCommand('home:get', {});
  const home = valueOf(loaded);
  const [making, setMaking] = useState(false);
  const server = useShared((state) => state.status?.server ?? null);
  const arriving = useArriving();
  const [welcomed, setWelcomed] = useState(false);
  const empty = home !== null && home.cycles.length === 0 && home.waiting.length === 0 && home.sent.length === 0;
  // Who was welcomed once stays so until something comes; who was not may have a cycle that is just being fetched.
  useEffect(() => setWelcomed((before) => empty && (before || !arriving)), [empty, arriving]);
  const first = empty && (welcomed || !arriving);
  return (
    <PageBody>
      <PageHeader
        title={first ? 'Welcome to Countersign' : 'Waiting for you'}
        line={first ? 'Nothing is here yet' : waitingLine(empty ? null : home)}
      >
        {home && <GetEverything notCached={home.notCached} />}
      </PageHeader>
      <Stack spacing={1.5}>
        {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
        {server && <Preparation server={server} />}
        <Box>
          {first ? (
            <FirstStart home={home} newCycle={() => setMaking(true)} />
          ) : (
            <Lists home={empty ? null : home} newCycle={() => setMaking(true)} />
          )}
        </Box>
      </Stack>
      {making && <NewCycleDialog close={() => setMaking(false)} />}
    </PageBody>
  );
}
