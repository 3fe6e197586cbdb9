// Owns ending a phase whose work is recorded, and naming the lines of business that get no sample. The worker judges whether it is complete.
import { TextField } from '@mui/material';
import { useState } from 'react';
import { noteSchema } from '../../domain/decision.ts';
import { placeName } from '../../domain/phases.ts';
import type { LobState } from '../../domain/change.ts';
import type { Version } from '../../domain/version.ts';
import type { PhaseDetail } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { tellDone } from '../notices.tsx';
import { AskDialog } from '../work/ask-dialog.tsx';
import { completeSelectionSentence, completeSentence } from './act-sentences.ts';

const told = (detail: PhaseDetail) =>
  tellDone(`Completing ${placeName(detail.state)} is kept on this laptop and sent by itself`);

/** The lines of business that have neither an approved sample nor a reason for having none. */
export function lobsWithout(lobs: readonly LobState[], versions: readonly Version[]): string[] {
  const approved = new Set(versions.filter((row) => row.status === 'approved').map((row) => row.lob));
  return lobs
    .filter((row) => row.status !== 'cancelled' && row.withoutSamples === null && !approved.has(row.lob))
    .map((row) => row.lob);
}

function CompleteRecorded({ detail, close }: { detail: PhaseDetail; close(): void }) {
  const { report, state, records, versions } = detail;
  const act = async (note: string) => {
    const { phase, lob } = state;
    const result = await bridge().invoke('phase:complete', { reportId: report.reportId, phase, lob, note });
    if (!result.ok) return result.error;
    told(detail);
    return null;
  };
  return (
    <AskDialog
      title={`Complete ${placeName(state)}`}
      says={completeSentence(state, records, (versions[0]?.number ?? 0) + 1)}
      label="Note, may stay empty"
      confirm="Complete the phase"
      optional
      act={act}
      close={close}
    />
  );
}

function CompleteSelection({
  detail,
  samples,
  close,
}: {
  detail: PhaseDetail;
  samples: readonly Version[];
  close(): void;
}) {
  const { report } = detail;
  const open = lobsWithout(report.lobs, samples);
  const [reasons, setReasons] = useState<Record<string, string>>({});
  const reasonOf = (lob: string) => (reasons[lob] ?? '').trim();
  const withSample = report.lobs.filter((row) => row.status !== 'cancelled').length - open.length;
  const unfit = open.some((lob) => reasonOf(lob) === '' || !noteSchema.safeParse(reasonOf(lob)).success);
  const act = async (note: string) => {
    const result = await bridge().invoke('phase:complete', {
      reportId: report.reportId,
      phase: 'sample-selection',
      withoutSamples: open.map((lob) => ({ lob, reason: reasonOf(lob) })),
      note,
    });
    if (!result.ok) return result.error;
    told(detail);
    return null;
  };
  return (
    <AskDialog
      title="Complete sample selection"
      says={completeSelectionSentence(withSample, open)}
      label="Note, may stay empty"
      confirm="Complete sample selection"
      optional
      ready={!unfit}
      act={act}
      close={close}
    >
      {open.length > 0 &&
        open.map((lob, at) => (
          <TextField
            key={lob}
            label={`Why ${lob} gets no sample`}
            value={reasons[lob] ?? ''}
            autoFocus={at === 0}
            onChange={(event) => setReasons({ ...reasons, [lob]: event.target.value })}
          />
        ))}
    </AskDialog>
  );
}

export function CompleteDialog({
  detail,
  samples,
  close,
}: {
  detail: PhaseDetail;
  /** All sample versions of the report, of each line of business. */
  samples: readonly Version[];
  close(): void;
}) {
  return detail.state.phase === 'sample-selection' ? (
    <CompleteSelection {...{ detail, samples, close }} />
  ) : (
    <CompleteRecorded {...{ detail, close }} />
  );
}
