// Owns the menus that steer a report and its lines of business. What a person may do is asked of the domain; the rest says why not.
import { useState } from 'react';
import type { Act } from '../../domain/authority.ts';
import type { Cycle, Report } from '../../domain/change.ts';
import { whyNotControl, whyNotControlLob, whyNotDeadline, whyNotSkip } from '../../domain/control.ts';
import type { ControlAct } from '../../domain/operation.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { useNow } from '../marks.tsx';
import { DeadlineDialog } from '../phase/deadline-dialog.tsx';
import { SkipDialog } from '../phase/skip-dialog.tsx';
import { useMay, useMayAnywhere } from '../use-may.ts';
import { ActMenu } from './act-menu.tsx';
import { AddLobDialog, ControlDialog } from './control-dialog.tsx';
import type { Subject } from './control-dialog.tsx';

const acts: readonly ControlAct[] = ['pause', 'resume', 'cancel'];
const labels: Readonly<Record<ControlAct, string>> = { pause: 'Pause…', resume: 'Resume…', cancel: 'Cancel…' };
const control: Act = { kind: 'control' };

type Open = { subject: Subject; act: ControlAct } | 'add' | null;

/** A name that no line of business has: whether any could be added is asked with it. */
const anyNew = '\u0000';

/** Pause, resume, cancel and add a line of business. */
export function SteerReport({ report }: { report: Report }) {
  const may = useMay(report);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const menu = acts.map((act) => ({
    label: labels[act],
    whyNot: may(control, whyNotControl(report, act)),
    run: () => setOpen({ subject: { kind: 'report', report }, act }),
  }));
  const add = {
    label: 'Add a line of business…',
    whyNot: may(control, whyNotControlLob(report, anyNew, 'add')),
    run: () => setOpen('add'),
  };
  return (
    <>
      <ActMenu label="Steer" about={report.name} acts={[...menu, add]} />
      {open === 'add' && <AddLobDialog report={report} close={close} />}
      {open !== null && open !== 'add' && <ControlDialog {...open} close={close} />}
    </>
  );
}

/** Pause, resume and cancel of one line of business. */
export function SteerLob({ report, lob }: { report: Report; lob: string }) {
  const may = useMay(report);
  const [act, setAct] = useState<ControlAct | null>(null);
  const menu = acts.map((one) => ({
    label: labels[one],
    whyNot: may(control, whyNotControlLob(report, lob, one)),
    run: () => setAct(one),
  }));
  return (
    <>
      <ActMenu small label="Steer" about={lob} acts={menu} />
      {act && <ControlDialog subject={{ kind: 'lob', report, lob }} act={act} close={() => setAct(null)} />}
    </>
  );
}

/** Skipping a phase, or setting its deadline, in all lines of business at once. */
export function SteerLanes({ report, phase }: { report: Report; phase: PhaseSlug }) {
  const may = useMay(report);
  const now = useNow();
  const [open, setOpen] = useState<'skip' | 'deadline' | null>(null);
  const { reportId } = report;
  const place = { phase, lob: null };
  const close = () => setOpen(null);
  const menu = [
    {
      label: 'Skip in all lines of business…',
      whyNot: may({ kind: 'skip' }, whyNotSkip(report, place)),
      run: () => setOpen('skip'),
    },
    {
      label: 'Deadline of all lines of business…',
      whyNot: may({ kind: 'set-deadline' }, whyNotDeadline(report, place, null, new Date(now).toISOString())),
      run: () => setOpen('deadline'),
    },
  ];
  const { shortName } = phaseOf(phase);
  return (
    <>
      <ActMenu small label={shortName} about="in all lines of business" acts={menu} />
      {open === 'skip' && <SkipDialog {...{ reportId, place, close }} line={null} />}
      {open === 'deadline' && <DeadlineDialog {...{ reportId, place, close }} line={null} />}
    </>
  );
}

/** How many reports of a cycle an act still reaches. */
export function reachedBy(reports: readonly Report[], act: ControlAct): number {
  return reports.filter((report) => whyNotControl(report, act) === null).length;
}

/** Pause, resume and cancel of all reports of a cycle. */
export function SteerCycle({ cycle, reports }: { cycle: Cycle; reports: readonly Report[] }) {
  const may = useMayAnywhere();
  const [act, setAct] = useState<ControlAct | null>(null);
  const menu = acts.map((one) => ({
    label: `${labels[one].replace('…', '')} the cycle…`,
    whyNot: may(control) ?? (reachedBy(reports, one) === 0 ? `No report of this cycle can be ${said[one]} now` : null),
    run: () => setAct(one),
  }));
  const subject = act && {
    kind: 'cycle' as const,
    cycleId: cycle.cycleId,
    name: cycle.name,
    reports: reachedBy(reports, act),
  };
  return (
    <>
      <ActMenu label="Steer the cycle" about={cycle.name} acts={menu} />
      {act && subject && <ControlDialog subject={subject} act={act} close={() => setAct(null)} />}
    </>
  );
}

const said: Readonly<Record<ControlAct, string>> = { pause: 'paused', resume: 'resumed', cancel: 'cancelled' };
