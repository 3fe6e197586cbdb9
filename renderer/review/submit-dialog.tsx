// Owns the two acts that leave the laptop for good: submitting a review, submitting a revision. Says first what will happen.
import {
  Alert,
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  FormControlLabel,
  Radio,
  RadioGroup,
  Stack,
  Typography,
} from '@mui/material';
import { useState } from 'react';
import { noteSchema } from '../../domain/decision.ts';
import { suggestedVerdict, whyNotSubmit } from '../../domain/review.ts';
import { reviewVerdicts } from '../../domain/version.ts';
import type { ReviewVerdict, VerdictCounts, Version } from '../../domain/version.ts';
import type { Failure } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { useKeys } from '../keys.ts';
import { KeyCap } from '../marks.tsx';
import { FailurePanel, sentence } from '../notices.tsx';
import { useShared } from '../store.ts';
import { NoteField } from './note-field.tsx';
import type { AnswerCounts } from './use-rejections.ts';
import {
  handInSentence,
  reviewVerdictNames,
  revisionSentence,
  submitSentence,
  whyNotSubmitRevision,
} from './sentences.ts';

/** How it will travel: true whatever the link is. */
function TravelLine() {
  const online = useShared((state) => state.status?.state.kind !== 'offline');
  return (
    <Typography color="textSecondary">
      {online
        ? 'It is queued on this laptop and sent at once; it counts as delivered when the receipt has arrived.'
        : 'It is queued on this laptop and sent when the server can be reached; it counts as delivered when the receipt has arrived.'}
    </Typography>
  );
}

interface FrameProps {
  title: string;
  close(): void;
  confirmLabel: string;
  whyNot: string | null;
  confirm(): Promise<Failure | null>;
  children: React.ReactNode;
}

function Frame({ title, close, confirmLabel, whyNot, confirm, children }: FrameProps) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const act = async () => {
    if (busy || whyNot !== null) return;
    setBusy(true);
    const failed = await confirm();
    setBusy(false);
    setFailure(failed);
    if (!failed) close();
  };
  useKeys({
    title: 'Dialog',
    inDialog: true,
    actions: [{ keys: 'Mod+Enter', label: confirmLabel, whileTyping: true, run: () => void act() }],
  });
  return (
    <Dialog open onClose={close} aria-labelledby="submit-dialog">
      <DialogTitle id="submit-dialog">{title}</DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 0.5 }}>
          {failure && <FailurePanel failure={failure} />}
          {children}
          {whyNot !== null && <Alert severity="warning">{sentence({ message: whyNot })}</Alert>}
          <TravelLine />
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Cancel</Button>
        <Button variant="contained" color="primary" disabled={busy || whyNot !== null} onClick={() => void act()}>
          {confirmLabel}
          <KeyCap name="Mod+Enter" />
        </Button>
      </DialogActions>
    </Dialog>
  );
}

const noteProblem = (note: string) => noteSchema.safeParse(note).error?.issues[0]?.message ?? null;

/** Submits the review of a version. The verdict is preset by what was decided. */
export function SubmitReviewDialog({
  version,
  counts,
  close,
  done,
}: {
  version: Version;
  counts: VerdictCounts;
  close(): void;
  done(): void;
}) {
  const [verdict, setVerdict] = useState<ReviewVerdict>(suggestedVerdict(counts));
  const [note, setNote] = useState('');
  const whyNot = whyNotSubmit(verdict, version, counts, note)?.message ?? noteProblem(note);
  const confirm = async () => {
    const result = await bridge().invoke('review:submit', { versionId: version.versionId, verdict, note });
    if (result.ok) done();
    return result.ok ? null : result.error;
  };
  return (
    <Frame
      title={`Submit the review of version ${version.number}`}
      confirmLabel="Submit review"
      {...{ close, whyNot, confirm }}
    >
      <RadioGroup
        aria-label="Verdict on the version"
        value={verdict}
        onChange={(_, value) => setVerdict(reviewVerdicts.find((one) => one === value) ?? verdict)}
      >
        {reviewVerdicts.map((one) => (
          <VerdictChoice key={one} verdict={one} version={version} counts={counts} chosen={one === verdict} />
        ))}
      </RadioGroup>
      {(whyNot === null || verdict === 'rejected') && (
        <Typography sx={{ fontWeight: 500 }} data-testid="submit-sentence">
          {submitSentence(verdict, version, counts)}
        </Typography>
      )}
      <NoteField
        label={verdict === 'rejected' ? 'Why the whole version is rejected' : 'Note (may stay empty)'}
        value={note}
        change={setNote}
        problem={noteProblem(note)}
      />
    </Frame>
  );
}

function VerdictChoice({
  verdict,
  version,
  counts,
  chosen,
}: {
  verdict: ReviewVerdict;
  version: Version;
  counts: VerdictCounts;
  chosen: boolean;
}) {
  // A whole rejection lacks only its note, which is written after it was chosen.
  const whyNot = verdict === 'rejected' ? null : (whyNotSubmit(verdict, version, counts, '')?.message ?? null);
  return (
    <FormControlLabel
      value={verdict}
      control={<Radio autoFocus={chosen} />}
      label={
        <Box component="span" sx={whyNot ? { color: 'text.secondary' } : {}}>
          {reviewVerdictNames[verdict]}
          {whyNot && (
            <Box component="span" sx={{ typography: 'caption', display: 'block' }}>
              {sentence({ message: whyNot })}
            </Box>
          )}
        </Box>
      }
    />
  );
}

/** Submits the answers to all rejections: makes the next version. */
export function SubmitRevisionDialog({
  version,
  counts,
  answers,
  close,
  done,
}: {
  version: Version;
  counts: VerdictCounts;
  answers: AnswerCounts;
  close(): void;
  done(): void;
}) {
  const [note, setNote] = useState('');
  const given = Object.values(answers).reduce((sum, amount) => sum + amount, 0);
  const whyNot = whyNotSubmitRevision(counts.rejected - counts.disputed, given) ?? noteProblem(note);
  const confirm = async () => {
    const result = await bridge().invoke('revision:submit', { versionId: version.versionId, note });
    if (result.ok) done();
    return result.ok ? null : result.error;
  };
  return (
    <Frame
      title={`Submit the revision of version ${version.number}`}
      confirmLabel="Submit revision"
      {...{ close, whyNot, confirm }}
    >
      <Typography sx={{ fontWeight: 500 }} data-testid="submit-sentence">
        {revisionSentence(version, counts, answers)}
      </Typography>
      <NoteField label="Note (may stay empty)" value={note} change={setNote} problem={noteProblem(note)} autoFocus />
    </Frame>
  );
}

/** Hands a version in for review, with what was changed. */
export function HandInDialog({
  version,
  edits,
  close,
  done,
}: {
  version: Version;
  edits: number;
  close(): void;
  done(): void;
}) {
  const [note, setNote] = useState('');
  const confirm = async () => {
    const result = await bridge().invoke('version:submit', { versionId: version.versionId, note });
    if (result.ok) done();
    return result.ok ? null : result.error;
  };
  return (
    <Frame
      title={`Hand in version ${version.number}`}
      confirmLabel="Hand in"
      whyNot={noteProblem(note)}
      {...{ close, confirm }}
    >
      <Typography sx={{ fontWeight: 500 }} data-testid="submit-sentence">
        {handInSentence(version, edits)}
      </Typography>
      <NoteField label="Note (may stay empty)" value={note} change={setNote} problem={noteProblem(note)} autoFocus />
    </Frame>
  );
}

/** One signature of the report's chain: who signs, when, and what it means. */
export function SignDialog({
  version,
  name,
  close,
  done,
}: {
  version: Version;
  name: string;
  close(): void;
  done(): void;
}) {
  const [note, setNote] = useState('');
  const first = version.signOffs.every((one) => one.voidedAt !== null);
  const confirm = async () => {
    const result = await bridge().invoke('report:sign', { versionId: version.versionId, note });
    if (result.ok) done();
    return result.ok ? null : result.error;
  };
  return (
    <Frame
      title={`Sign version ${version.number} of the test report`}
      confirmLabel="Sign"
      whyNot={noteProblem(note)}
      {...{ close, confirm }}
    >
      <Typography sx={{ fontWeight: 500 }} data-testid="submit-sentence">
        {first
          ? `${name} signs as test lead that this report was reviewed: all its sections are approved, and the report owner signs next.`
          : `${name} signs as report owner that this report is acknowledged; it is then signed and the cycle of this report is complete.`}
      </Typography>
      <Typography color="textSecondary">
        The signature holds for exactly these sections. Whoever changes one afterwards voids it.
      </Typography>
      <NoteField label="Note (may stay empty)" value={note} change={setNote} problem={noteProblem(note)} autoFocus />
    </Frame>
  );
}
