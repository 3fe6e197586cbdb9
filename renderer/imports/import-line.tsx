// Owns one line about an import on its way: what it does, how far it is, cancel.
import { Alert, Box, LinearProgress, Paper, Typography } from '@mui/material';
import type { ImportJob } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { bytes, percent } from '../formats.ts';
import { Hash } from '../marks.tsx';
import { perform } from '../use-command.ts';
import { importProgress } from './use-imports.ts';

export function ImportLine({ job }: { job: ImportJob }) {
  const { text, share, cancellable } = importProgress(job);
  if (job.state.kind === 'failed') {
    return (
      <Alert severity="error" sx={{ mb: 1 }}>
        <strong>{job.fileName}</strong> could not be imported: {text}
      </Alert>
    );
  }
  return (
    <Paper sx={{ borderRadius: 2, px: 2, py: 1.25, mb: 1, display: 'flex', alignItems: 'center', gap: 2 }}>
      <Box sx={{ flex: 1, minWidth: 0 }}>
        <Typography role="status">
          <strong>{job.fileName}</strong> {text}
          {share !== null && share < 1 && ` · ${percent(Math.floor(share * 100) / 100)}`}
        </Typography>
        <Typography variant="caption" component="p" color="textSecondary">
          {job.fileSize !== null && bytes(job.fileSize)}
          {job.fileHash && (
            <>
              {' · SHA-256 '}
              <Hash value={job.fileHash} label="SHA-256 of the file" />
            </>
          )}
        </Typography>
        {job.state.kind !== 'ready' && (
          <LinearProgress
            aria-label={`Import of ${job.fileName}`}
            sx={{ mt: 0.75 }}
            variant={share === null ? 'indeterminate' : 'determinate'}
            {...(share === null ? {} : { value: Math.round(share * 100) })}
          />
        )}
      </Box>
      {cancellable && (
        <ActionButton
          label={`Cancel the import of ${job.fileName}`}
          group="Import"
          run={() => void perform('population:cancel', { importId: job.importId })}
        >
          Cancel
        </ActionButton>
      )}
    </Paper>
  );
}
