// Owns the dialogs that pause, resume or cancel a cycle, a report or a line of business, and that add one: a sentence, a reason.
import { TextField } from '@mui/material';
import { useState } from 'react';
import type { Report } from '../../domain/change.ts';
import { whyNotControlLob } from '../../domain/control.ts';
import { isSettled } from '../../domain/flow.ts';
import type { ControlAct } from '../../domain/operation.ts';
import type { Failure, Result } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { sentence, tellDone } from '../notices.tsx';
import { addLobSentence, controlSentence, openPhases } from '../phase/act-sentences.ts';
import type { Steered } from '../phase/act-sentences.ts';
import { AskDialog } from '../work/ask-dialog.tsx';

/** What is steered: the whole cycle, one report, or one line of business of it. */
export type Subject =
  | { kind: 'cycle'; cycleId: string; name: string; reports: number }
  | { kind: 'report'; report: Report }
  | { kind: 'lob'; report: Report; lob: string };

const verbs: Readonly<Record<ControlAct, string>> = { pause: 'Pause', resume: 'Resume', cancel: 'Cancel' };
const doing: Readonly<Record<ControlAct, string>> = { pause: 'Pausing', resume: 'Resuming', cancel: 'Cancelling' };

function steeredBy(subject: Subject): Steered {
  switch (subject.kind) {
    case 'cycle':
      return { kind: 'cycle', name: subject.name, reports: subject.reports };
    case 'report':
      return { kind: 'report', name: subject.report.name, open: openPhases(subject.report) };
    case 'lob':
      return { kind: 'lob', name: subject.lob, open: openPhases(subject.report, subject.lob) };
  }
}

function send(subject: Subject, act: ControlAct, reason: string): Promise<Result<{ operationId: string }>> {
  switch (subject.kind) {
    case 'cycle':
      return bridge().invoke('cycle:control', { cycleId: subject.cycleId, act, reason });
    case 'report':
      return bridge().invoke('report:control', { reportId: subject.report.reportId, act, reason });
    case 'lob':
      return bridge().invoke('lob:control', { reportId: subject.report.reportId, lob: subject.lob, act, reason });
  }
}

export function ControlDialog({ subject, act, close }: { subject: Subject; act: ControlAct; close(): void }) {
  const steered = steeredBy(subject);
  const run = async (reason: string): Promise<Failure | null> => {
    const result = await send(subject, act, reason);
    if (!result.ok) return result.error;
    tellDone(`${doing[act]} “${steered.name}” is kept on this laptop and sent by itself`);
    return null;
  };
  return (
    <AskDialog
      title={`${verbs[act]} ${steered.name}`}
      says={controlSentence(act, steered)}
      label="Reason"
      confirm={act === 'cancel' ? 'End it for good' : verbs[act]}
      act={run}
      close={close}
    />
  );
}

export function AddLobDialog({ report, close }: { report: Report; close(): void }) {
  const [lob, setLob] = useState('');
  const name = lob.trim();
  const problem = name === '' ? null : whyNotControlLob(report, name, 'add');
  const selection = report.phases.find((line) => line.phase === 'sample-selection' && line.lob === null);
  const run = async (reason: string): Promise<Failure | null> => {
    const result = await bridge().invoke('lob:control', { reportId: report.reportId, lob: name, act: 'add', reason });
    if (!result.ok) return result.error;
    tellDone(`Adding “${name}” is kept on this laptop and sent by itself`);
    return null;
  };
  return (
    <AskDialog
      title="Add a line of business"
      says={addLobSentence(name, selection !== undefined && isSettled(selection.state))}
      label="Reason"
      confirm="Add it"
      ready={name !== '' && problem === null}
      act={run}
      close={close}
    >
      <TextField
        label="Name, as the population has it"
        value={lob}
        autoFocus
        onChange={(event) => setLob(event.target.value)}
        error={problem !== null}
        helperText={problem ? sentence(problem) : ' '}
      />
    </AskDialog>
  );
}
