// Owns the dialogs of one decision: why rows are rejected, a note, why a rejected row is kept. What was typed stays when the core refuses.
import {
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
} from '@mui/material';
import { useRef, useState } from 'react';
import { itemVerdictSchema, noteSchema, reasonRules } from '../../domain/decision.ts';
import type { ItemVerdict, ReasonCode } from '../../domain/decision.ts';
import type { Failure } from '../../preload/contract.ts';
import { useKeys } from '../keys.ts';
import { KeyCap } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { NoteField } from './note-field.tsx';

/** What the domain says about a rejection as it stands, or null when it may be made. */
export function whyNotReject(reasonCode: ReasonCode | null, note: string): string | null {
  const checked = itemVerdictSchema.safeParse({ verdict: 'rejected', reasonCode, note });
  return checked.success ? null : (checked.error.issues[0]?.message ?? null);
}

interface DecisionDialog {
  title: string;
  close(): void;
  /** Answers the failure, which is shown while the text stays; null closes the dialog. */
  confirm(value: ItemVerdict): Promise<Failure | null>;
}

/** Runs the confirmation once at a time and keeps its failure. */
function useConfirm(run: () => Promise<Failure | null>, close: () => void) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    if (busy) return;
    setBusy(true);
    const failed = await run();
    setBusy(false);
    setFailure(failed);
    if (!failed) close();
  };
  return { failure, busy, confirm: () => void confirm() };
}

function Frame({
  title,
  close,
  failure,
  confirm,
  confirmLabel,
  whyNot,
  busy,
  children,
}: {
  title: string;
  close(): void;
  failure: Failure | null;
  confirm(): void;
  confirmLabel: string;
  whyNot: string | null;
  busy: boolean;
  children: React.ReactNode;
}) {
  useKeys({
    title: 'Dialog',
    inDialog: true,
    actions: [{ keys: 'Mod+Enter', label: confirmLabel, whileTyping: true, run: confirm }],
  });
  return (
    <Dialog open onClose={close} aria-labelledby="decision-dialog">
      <DialogTitle id="decision-dialog">{title}</DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 1 }}>
          {failure && <FailurePanel failure={failure} />}
          {children}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Cancel</Button>
        <Button
          variant="contained"
          color="primary"
          disabled={busy}
          aria-disabled={whyNot !== null || undefined}
          onClick={confirm}
        >
          {confirmLabel}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** Why rows are rejected: a reason by its figure, then the note. */
export function ReasonDialog({ title, reasons, close, confirm }: DecisionDialog & { reasons: readonly ReasonCode[] }) {
  const [reasonCode, setReasonCode] = useState<ReasonCode | null>(null);
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const noteField = useRef<HTMLTextAreaElement>(null);
  const whyNot = whyNotReject(reasonCode, note);
  const run = useConfirm(() => confirm({ verdict: 'rejected', reasonCode, note }), close);
  const attempt = () => {
    setTried(true);
    if (whyNot === null) run.confirm();
  };
  const choose = (code: ReasonCode) => {
    setReasonCode(code);
    noteField.current?.focus();
  };
  useKeys({
    title: 'Reasons',
    inDialog: true,
    actions: [
      ...reasons.map((code, at) => ({
        keys: String(at + 1),
        label: reasonRules[code].name,
        run: () => choose(code),
      })),
      { keys: 'Enter', label: 'Reject', run: attempt },
    ],
  });
  return (
    <Frame {...{ title, close, whyNot }} {...run} confirm={attempt} confirmLabel="Reject">
      <RadioGroup
        aria-label="Reason"
        value={reasonCode}
        onChange={(_, value) => setReasonCode(reasons.find((code) => code === value) ?? null)}
      >
        {reasons.map((code, at) => (
          <FormControlLabel
            key={code}
            value={code}
            control={<Radio autoFocus={at === 0} />}
            label={
              <Box component="span" sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
                <KeyCap name={String(at + 1)} />
                {reasonRules[code].name}
                <Box component="span" sx={{ color: 'text.secondary', typography: 'caption' }}>
                  {[
                    reasonRules[code].of !== 'other items' && reasons.includes('duplicate')
                      ? reasonRules[code].replaceable
                        ? 'may be replaced'
                        : 'no replacement'
                      : '',
                    reasonRules[code].noteRequired ? 'needs a note' : '',
                  ]
                    .filter(Boolean)
                    .join(', ')}
                </Box>
              </Box>
            }
          />
        ))}
      </RadioGroup>
      <NoteField
        label="Note"
        value={note}
        change={setNote}
        inputRef={noteField}
        problem={tried || note.length > 0 ? whyNot : null}
        confirm={attempt}
      />
    </Frame>
  );
}

/** A note on the verdict that stands. */
export function NoteDialog({ title, close, confirm, standing }: DecisionDialog & { standing: ItemVerdict }) {
  const [note, setNote] = useState(standing.note);
  const checked = itemVerdictSchema.safeParse({ ...standing, note });
  const whyNot = checked.success ? null : (checked.error.issues[0]?.message ?? null);
  const run = useConfirm(() => confirm({ ...standing, note }), close);
  const attempt = () => {
    if (whyNot === null) run.confirm();
  };
  return (
    <Frame {...{ title, close, whyNot }} {...run} confirm={attempt} confirmLabel="Keep the note">
      <NoteField label="Note" value={note} change={setNote} problem={whyNot} confirm={attempt} autoFocus />
    </Frame>
  );
}

/** Why something is done to rows: a rejected one kept, an item taken out, a rejection disputed. */
export function RationaleDialog({
  title,
  close,
  confirm,
  standing,
  confirmLabel = 'Keep the row',
}: {
  title: string;
  confirmLabel?: string;
  close(): void;
  confirm(rationale: string): Promise<Failure | null>;
  standing: string;
}) {
  const [rationale, setRationale] = useState(standing);
  const [tried, setTried] = useState(false);
  const tooLong = noteSchema.safeParse(rationale).error?.issues[0]?.message ?? null;
  const whyNot = rationale.trim() === '' ? 'a rationale is needed' : tooLong;
  const run = useConfirm(() => confirm(rationale), close);
  const attempt = () => {
    setTried(true);
    if (whyNot === null) run.confirm();
  };
  return (
    <Frame {...{ title, close, whyNot }} {...run} confirm={attempt} confirmLabel={confirmLabel}>
      <NoteField
        label="Rationale"
        value={rationale}
        change={setRationale}
        problem={tried || tooLong ? whyNot : null}
        confirm={attempt}
        autoFocus
      />
    </Frame>
  );
}
