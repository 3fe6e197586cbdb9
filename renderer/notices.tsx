// Owns what is told at the foot of the window: done things with an undo, failures with their way out. Knows no screen.
import { Alert, Box, Button, Collapse, Stack, Typography } from '@mui/material';
import { useEffect, useState } from 'react';
import type { Failure } from '../preload/contract.ts';
import { copyText } from './copy-text.ts';
import { localTimes } from './formats.ts';
import { useShared } from './store.ts';
import type { Notice } from './store.ts';

const shownMs = 6_000;
let nextId = 1;

function tell(notice: Omit<Notice, 'id'>): void {
  const id = nextId;
  nextId += 1;
  useShared.setState((state) => ({ notices: [...state.notices.slice(-2), { ...notice, id }] }));
}

function close(id: number): void {
  useShared.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
}

/** Says that something was done, with the way back where there is one. */
export function tellDone(message: string, undo?: Notice['undo']): void {
  tell({ tone: 'done', message, ...(undo ? { undo } : {}) });
}

/** Says what went wrong; stays until it is closed. */
export function tellFailure(failure: Failure): void {
  tell({ tone: 'failure', message: sentence(failure), ...(failure.details ? { details: failure.details } : {}) });
}

/** A failure as one sentence that starts with a capital letter, times in it as this place has them. */
export function sentence(failure: Pick<Failure, 'message'>): string {
  const message = localTimes(failure.message, Date.now());
  return message.charAt(0).toUpperCase() + message.slice(1);
}

function NoticeLine({ notice }: { notice: Notice }) {
  useEffect(() => {
    if (notice.tone === 'failure') return undefined;
    const timer = setTimeout(() => close(notice.id), shownMs);
    return () => clearTimeout(timer);
  }, [notice]);
  const { undo } = notice;
  return (
    <Alert
      severity={notice.tone === 'failure' ? 'error' : 'info'}
      variant="standard"
      role={notice.tone === 'failure' ? 'alert' : 'status'}
      action={
        <Stack direction="row" spacing={1}>
          {undo && (
            <Button
              onClick={() => {
                close(notice.id);
                undo.run();
              }}
            >
              {undo.label}
            </Button>
          )}
          {notice.details && <Button onClick={() => void copyText(notice.details ?? '')}>Copy details</Button>}
          <Button onClick={() => close(notice.id)}>Close</Button>
        </Stack>
      }
    >
      {notice.message}
    </Alert>
  );
}

/** The notices, over the status line. */
export function Notices() {
  const notices = useShared((state) => state.notices);
  return (
    <Stack
      spacing={1}
      sx={{
        position: 'fixed',
        bottom: 40,
        left: '50%',
        transform: 'translateX(-50%)',
        width: 'min(640px, calc(100vw - 40px))',
        zIndex: 'snackbar',
      }}
    >
      {notices.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} />
      ))}
    </Stack>
  );
}

/** A failed read inside a screen: what, why, what to do, details to copy. */
export function FailurePanel({ failure, retry }: { failure: Failure; retry?: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Alert severity="error" variant="standard" role="alert">
      <Typography variant="h3" component="p">
        {sentence(failure)}
      </Typography>
      {failure.fields?.map((field) => (
        <Typography key={`${field.path} ${field.message}`}>{`${field.path}: ${field.message}`}</Typography>
      ))}
      <Stack direction="row" spacing={1} sx={{ mt: 1 }}>
        {retry && <Button onClick={retry}>Try again</Button>}
        {failure.details && <Button onClick={() => setOpen(!open)}>{open ? 'Hide details' : 'Details'}</Button>}
        {failure.details && <Button onClick={() => void copyText(failure.details ?? '')}>Copy details</Button>}
      </Stack>
      <Collapse in={open}>
        <Box component="pre" sx={{ typography: 'mono', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', m: 0, mt: 1 }}>
          {failure.details}
        </Box>
      </Collapse>
    </Alert>
  );
}
