// Owns the frame around every screen and which screen an address shows. Knows nothing of what a screen does.
import { Alert, Box, Link } from '@mui/material';
import { useState } from 'react';
import { CompareScreen } from './compare/compare.tsx';
import { CycleScreen } from './cycle/cycle-screen.tsx';
import { Home } from './home/home.tsx';
import { ImportWizard } from './imports/import-wizard.tsx';
import { FailurePanel, Notices } from './notices.tsx';
import { PageBody, PageHeader, usePlace } from './page-header.tsx';
import { PhaseScreen } from './phase/phase-screen.tsx';
import { PeopleScreen } from './report/people-screen.tsx';
import { ReportScreen } from './report/report-screen.tsx';
import { ReviewScreen } from './review/review.tsx';
import { hashOf } from './routes.ts';
import type { Route } from './routes.ts';
import { useRememberedScheme } from './shell/color-scheme.ts';
import { FirstProfile } from './shell/first-profile.tsx';
import { KeySheet } from './shell/key-sheet.tsx';
import { StatusLine } from './shell/status-line.tsx';
import { TopBar } from './shell/top-bar.tsx';
import { activeProfile, startOver, useShared } from './store.ts';
import { SyncPanel } from './sync/sync-panel.tsx';
import { sizes } from './theme.ts';
import { TimelineScreen } from './timeline/timeline.tsx';
import { WorkflowScreen } from './workflow/workflow-screen.tsx';
import { WorkflowsScreen } from './workflow/workflows-screen.tsx';

function UnknownScreen({ hash }: { hash: string }) {
  usePlace([{ text: 'Not found' }]);
  return (
    <PageBody>
      <PageHeader title="There is no such screen" line={hash} />
      <Link href={hashOf({ screen: 'home' })}>Go home</Link>
    </PageBody>
  );
}

/** The screen of a route. The key makes another report or version a new screen, with nothing of the one before. */
function Screen({ route }: { route: Route }) {
  switch (route.screen) {
    case 'home':
      return <Home />;
    case 'sync':
      return <SyncPanel />;
    case 'people':
      return <PeopleScreen />;
    case 'workflows':
      return <WorkflowsScreen />;
    case 'workflow':
      return <WorkflowScreen reportId={route.reportId} />;
    case 'cycle':
      return <CycleScreen cycleId={route.cycleId} />;
    case 'phase':
      return <PhaseScreen reportId={route.reportId} phase={route.phase} lob={route.lob} />;
    case 'report':
      return <ReportScreen reportId={route.reportId} />;
    case 'import':
      return <ImportWizard reportId={route.reportId} step={route.step} />;
    case 'version':
      return <ReviewScreen versionId={route.versionId} />;
    case 'compare':
      return <CompareScreen leftVersionId={route.leftVersionId} rightVersionId={route.rightVersionId} />;
    case 'timeline':
      return <TimelineScreen reportId={route.reportId} />;
    case 'unknown':
      return <UnknownScreen hash={hashOf(route)} />;
  }
}

// Steps of the wizard are one screen: going back and forth must not lose what was typed.
function screenKey(route: Route): string {
  return route.screen === 'import' ? hashOf({ ...route, step: 'file' }) : hashOf(route);
}

function Body() {
  const route = useShared((state) => state.route);
  const profiles = useShared((state) => state.profiles);
  const failure = useShared((state) => state.profilesFailure);
  const person = useShared((state) => activeProfile(state)?.profile ?? null);
  if (failure) {
    return (
      <PageBody>
        <FailurePanel failure={failure} retry={() => void startOver()} />
      </PageBody>
    );
  }
  if (profiles === null) return <PageBody>Reading</PageBody>;
  if (person === null) return <FirstProfile />;
  return <Screen key={`${person} ${screenKey(route)}`} route={route} />;
}

/** Everything in the window. */
export function App() {
  const [keysShown, setKeysShown] = useState(false);
  useRememberedScheme();
  return (
    <Box
      sx={{
        display: 'grid',
        gridTemplateRows: `${sizes.bar}px minmax(0, 1fr) ${sizes.foot}px`,
        gridTemplateColumns: 'minmax(0, 1fr)',
        height: '100%',
        bgcolor: 'background.default',
      }}
    >
      <TopBar showKeys={() => setKeysShown(true)} />
      <Box component="main" sx={{ minHeight: 0, overflow: 'hidden' }}>
        <Body />
      </Box>
      <StatusLine />
      <Notices />
      <KeySheet open={keysShown} close={() => setKeysShown(false)} />
    </Box>
  );
}

/** Shown when the page was opened without the token that its host prints: it can reach nothing. */
export function WithoutToken() {
  return (
    <Box component="main" sx={{ p: 4 }}>
      <Alert severity="warning">
        This page was opened without its key. Open the whole address that Countersign printed when it became ready, the
        part after # included.
      </Alert>
    </Box>
  );
}
