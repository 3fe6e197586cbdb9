// Owns the frame of one phase: where it stands, who holds it up, its versions, what was done in it, and what steers it.
// The work itself is in work/ and review/. Decides nothing.
import { Alert, Box, Button, Link, Stack } from '@mui/material';
import { useState } from 'react';
import { isOpen } from '../../domain/flow.ts';
import { phaseOf, placeName } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Version } from '../../domain/version.ts';
import type { PhaseDetail } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { count, localTimes } from '../formats.ts';
import { DeliveryMark, useNow, When } from '../marks.tsx';
import { FailurePanel, sentence } from '../notices.tsx';
import { PageBody, PageHeader, usePlace } from '../page-header.tsx';
import { Section } from '../row-list.tsx';
import { go } from '../routes.ts';
import { NextTurn } from '../shell/next-turn.tsx';
import { useArriving } from '../use-arriving.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { usePeople } from '../use-people.ts';
import { HappensNow } from '../workflow/happens-now.tsx';
import { DocumentsWork } from '../work/documents-work.tsx';
import { OwnersWork } from '../work/owners-work.tsx';
import { TestingWork } from '../work/testing-work.tsx';
import { CompleteDialog } from './complete-dialog.tsx';
import { DeadlineDialog } from './deadline-dialog.tsx';
import { nextStep } from './next-step.ts';
import { PhaseEntries } from './phase-entries.tsx';
import { LookMark } from './phase-marks.tsx';
import { holdOf, phaseLook, waitsFor, wishedSkip } from './phase-words.ts';
import { SkipDialog } from './skip-dialog.tsx';
import { VersionList } from './version-list.tsx';

type Open = 'skip' | 'deadline' | 'complete' | null;

interface Shown {
  detail: PhaseDetail;
  /** Versions of the phase; in sample selection of all lines of business. Newest first. */
  versions: readonly Version[];
  populationReady: boolean;
  nameOf(personId: string | null): string;
}

/** State, since when, who holds it up, until when. */
function StandsLine({ detail, nameOf }: Shown) {
  const { report, state: line } = detail;
  const waits = waitsFor(line.waitingFor, nameOf);
  return (
    <Box component="span" sx={{ display: 'inline-flex', flexWrap: 'wrap', columnGap: 0.5 }}>
      <LookMark look={phaseLook(line, holdOf(report, line.lob))} weight={600} />
      {line.state !== 'not-started' && (
        <span>
          · since <When at={line.since} />
        </span>
      )}
      {waits !== '' && <span>· {waits}</span>}
      {line.dueAt !== null && (
        <span>
          · {line.expiredAt === null && 'due '}
          <When at={line.dueAt} as="due" />
        </span>
      )}
      {detail.lob && <span>· {count(detail.lob.rows)} rows in the population</span>}
      {detail.lob?.samples != null && <span>· {count(detail.lob.samples)} samples</span>}
      {detail.delivery && (
        <span>
          · <DeliveryMark delivery={detail.delivery} />
        </span>
      )}
    </Box>
  );
}

/** True where ending the phase is somebody's act and not a review's: recorded work, and a sample planned per line of business. */
export function isCompletedByHand(phase: PhaseSlug, versions: readonly Version[]): boolean {
  if (phase !== 'sample-selection') return phaseOf(phase).making === 'recorded';
  return versions.some((row) => row.lob !== null && row.status === 'approved');
}

function Acts({ detail, versions, show }: Shown & { show(open: Open): void }) {
  const { may, state: line } = detail;
  const why = (reason: { message: string } | null) => reason && sentence(reason);
  const settled = line.state === 'completed' || line.state === 'skipped';
  if (settled) return null;
  const { skippable } = phaseOf(line.phase);
  return (
    <>
      {skippable && (
        <ActionButton label="Skip…" keys="s" group="Phase" whyNot={why(may.skip)} run={() => show('skip')} />
      )}
      <ActionButton
        label={line.dueAt === null ? 'Set a deadline…' : 'Deadline…'}
        keys="d"
        group="Phase"
        whyNot={why(may.setDeadline)}
        run={() => show('deadline')}
      />
      {isCompletedByHand(line.phase, versions) && isOpen(line.state) && (
        <ActionButton
          label="Complete…"
          keys="e"
          group="Phase"
          variant={may.complete ? 'outlined' : 'contained'}
          color={may.complete ? 'inherit' : 'primary'}
          whyNot={why(may.complete)}
          run={() => show('complete')}
        />
      )}
    </>
  );
}

/** What stops the phase, and what a test manager already asked for. */
function Standing({ detail }: { detail: PhaseDetail }) {
  const now = useNow();
  const { report, state: line, lob } = detail;
  const wish = line.state === 'not-started' ? wishedSkip(report, line) : null;
  const told = [
    report.ended && (['info', `This report ended: ${report.ended.reason}. It can still be read.`] as const),
    report.paused &&
      (['warning', `This report is paused: ${report.paused.reason}. A test manager can resume it.`] as const),
    lob?.status === 'paused' &&
      (['warning', `${lob.lob} is paused: ${lob.reason}. A test manager can resume it.`] as const),
    lob?.status === 'cancelled' && (['info', `${lob.lob} was cancelled: ${lob.reason}.`] as const),
    line.expiredAt !== null &&
      isOpen(line.state) &&
      ([
        'error',
        `The deadline passed (${line.dueAt ?? line.expiredAt}). Only a test manager can act on it until it is moved.`,
      ] as const),
    wish !== null && (['info', `It is skipped when its turn comes: ${wish}.`] as const),
    report.problem !== null && isOpen(line.state) && (['error', sentence({ message: report.problem })] as const),
    lob?.withoutSamples != null && (['info', `${lob.lob} gets no sample: ${lob.withoutSamples}.`] as const),
  ].filter((one) => one !== null && one !== false);
  return told.map(([severity, text]) => (
    <Alert key={text} severity={severity}>
      {localTimes(text, now)}
    </Alert>
  ));
}

function NextLine({ detail, versions, populationReady, nameOf }: Shown) {
  const { report, state: line } = detail;
  const newest = versions[0] ?? null;
  const making = phaseOf(line.phase).making;
  const wantsData = line.state === 'not-started' || (making === 'proposed' && line.state === 'in-work');
  const toImport = wantsData && !populationReady && newest === null;
  const toPlan = line.phase === 'sample-selection' && isOpen(line.state) && newest?.status !== 'pending';
  return (
    <Stack direction="row" sx={{ gap: 1.5, alignItems: 'center', flexWrap: 'wrap' }}>
      <Box sx={{ flex: '1 1 24em' }}>{nextStep(report, line, { newest, populationReady, nameOf })}</Box>
      <NextTurn report={report} here={line} />
      {toImport && (
        <Button
          variant="contained"
          color="primary"
          onClick={() => go({ screen: 'import', reportId: report.reportId, step: 'file' })}
        >
          Import a population
        </Button>
      )}
      {toPlan && (
        <ActionButton
          label="Plan and draw"
          keys="p"
          group="Phase"
          showKey
          variant="contained"
          color="primary"
          run={() => go({ screen: 'import', reportId: report.reportId, step: 'plan' })}
        />
      )}
      {newest && making !== 'recorded' && !toPlan && (
        <ActionButton
          label={`Open version ${newest.number}`}
          keys="o"
          group="Phase"
          showKey
          variant="contained"
          color="primary"
          run={() => go({ screen: 'version', versionId: newest.versionId })}
        />
      )}
    </Stack>
  );
}

/** The work of a phase whose work is recorded; nothing before it begins, and nothing for the others. */
function Work({ detail }: { detail: PhaseDetail }) {
  if (detail.state.state === 'not-started') return null;
  switch (detail.state.phase) {
    case 'data-owner-id':
      return <OwnersWork detail={detail} />;
    case 'request-info':
      return <DocumentsWork detail={detail} />;
    case 'test-execution':
      return <TestingWork detail={detail} />;
    default:
      return null;
  }
}

function Content(shown: Shown) {
  const { detail, versions, nameOf } = shown;
  const { report, state: line } = detail;
  const { reportId } = report;
  const [open, setOpen] = useState<Open>(null);
  const recorded = phaseOf(line.phase).making === 'recorded';
  const close = () => setOpen(null);
  const place = { phase: line.phase, lob: line.lob };
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', minHeight: 1 }}>
      <PageHeader title={placeName(line)} line={<StandsLine {...shown} />}>
        <Acts {...shown} show={setOpen} />
      </PageHeader>
      <Stack spacing={1.5}>
        <Standing detail={detail} />
        <NextLine {...shown} />
      </Stack>
      <HappensNow report={report} nameOf={nameOf} place={place} keyed />
      {recorded && (
        // The list of test actions scrolls by itself and takes the room that is left.
        <Box
          sx={{
            display: 'flex',
            flexDirection: 'column',
            flex: line.phase === 'test-execution' ? '1 0 auto' : 'none',
            mt: 1.5,
          }}
        >
          <Work detail={detail} />
        </Box>
      )}
      <Section title="Versions" note={versions.length === 0 ? '' : count(versions.length)}>
        <VersionList
          main={!recorded}
          versions={versions}
          nameOf={nameOf}
          empty={
            recorded
              ? 'When the phase is completed, what was recorded becomes a version.'
              : 'The first version appears here when it was made.'
          }
        />
      </Section>
      <PhaseEntries {...{ reportId, place, versions }} />
      {open === 'skip' && <SkipDialog {...{ reportId, place, line, close }} />}
      {open === 'deadline' && <DeadlineDialog {...{ reportId, place, line, close }} />}
      {open === 'complete' && <CompleteDialog {...{ detail, close }} samples={versions} />}
    </Box>
  );
}

const newestFirst = (left: Version, right: Version) =>
  right.createdAt.localeCompare(left.createdAt) || right.number - left.number;

export function PhaseScreen({ reportId, phase, lob }: { reportId: string; phase: PhaseSlug; lob: string | null }) {
  const { nameOf } = usePeople();
  const loaded = useCommand('phase:get', { reportId, phase, lob }, whenReportChanges(reportId));
  const around = valueOf(useCommand('report:get', { reportId }, whenReportChanges(reportId)));
  const cycles = valueOf(useCommand('cycle:list', {}, (event) => event.kind === 'changed' && event.directory));
  const detail = valueOf(loaded);
  const arriving = useArriving();
  const missing = loaded.kind === 'failed' && !(arriving && loaded.value === null);
  const report = detail?.report ?? around?.report;
  const cycle = cycles?.find((row) => row.cycle.cycleId === report?.cycleId)?.cycle;
  const name = placeName({ phase, lob });
  usePlace([
    ...(cycle ? [{ text: cycle.name, route: { screen: 'cycle', cycleId: cycle.cycleId } as const }] : []),
    { text: report?.name ?? 'Report', route: { screen: 'report', reportId } },
    { text: name },
  ]);
  const versions = (around?.versions ?? detail?.versions ?? [])
    .filter((row) => row.phase === phase && (phase === 'sample-selection' || row.lob === lob))
    .toSorted(newestFirst);
  const populationReady = around?.populations.some((row) => row.state.kind === 'ready') ?? true;
  return (
    <PageBody>
      {!detail && <PageHeader title={name} line={missing ? 'Not here' : 'Reading'} />}
      {missing && (
        <Stack spacing={1.5}>
          <FailurePanel failure={loaded.error} retry={loaded.reload} />
          <Link href={`#/report/${encodeURIComponent(reportId)}`}>Open the report</Link>
        </Stack>
      )}
      {detail && <Content {...{ detail, versions, populationReady, nameOf }} />}
    </PageBody>
  );
}
