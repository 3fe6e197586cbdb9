// Owns the history of one record: every revision, newest first, with who, when and why. Only reads.
import { Button, Dialog, DialogActions, DialogContent, DialogTitle, Stack, Typography } from '@mui/material';
import { fieldChanges } from '../../domain/comparison.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ItemBody } from '../../domain/version.ts';
import type { CommandInput, CommandOutput } from '../../preload/contract.ts';
import { cell } from '../formats.ts';
import { When } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { fieldLabel } from '../review/phase-fields.ts';
import { useCommand, valueOf } from '../use-command.ts';

type Revision = CommandOutput<'record:history'>[number];

/** Said by the title, or an id beside its name. */
const known = new Set(['lob', 'attribute', 'itemKey', 'dataOwnerId', 'documentId', 'documentRevision', 'random']);
const told = (value: ItemBody[string] | undefined): string => cell(value) || 'empty';

/** "Result: fail → pass": what one revision changed in the one before; of the first one what it says. */
export function changeWords(phase: PhaseSlug, before: ItemBody | null, after: ItemBody): string[] {
  if (before === null) {
    return Object.entries(after)
      .filter(([field, value]) => !known.has(field) && cell(value) !== '')
      .map(([field, value]) => `${fieldLabel(phase, field)}: ${cell(value)}`);
  }
  return fieldChanges(before, after)
    .filter(({ field }) => !known.has(field))
    .map(({ field, left, right }) => `${fieldLabel(phase, field)}: ${told(left)} → ${told(right)}`);
}

function Entry({ revision, before }: { revision: Revision; before: Revision | undefined }) {
  return (
    <Stack component="li" sx={{ py: 1, borderTop: 1, borderColor: 'divider' }}>
      <Typography>
        Revision {revision.revision} by {revision.actorName}, <When at={revision.appliedAt} />
      </Typography>
      {changeWords(revision.phase, before?.body ?? null, revision.body).map((text) => (
        <Typography key={text} color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
          {text}
        </Typography>
      ))}
      {revision.reason !== '' && <Typography sx={{ overflowWrap: 'anywhere' }}>“{revision.reason}”</Typography>}
    </Stack>
  );
}

export function RecordHistory({
  of,
  title,
  close,
}: {
  of: CommandInput<'record:history'>;
  title: string;
  close(): void;
}) {
  const loaded = useCommand('record:history', of);
  const revisions = valueOf(loaded);
  return (
    <Dialog open onClose={close} fullWidth maxWidth="sm" aria-labelledby="history-title">
      <DialogTitle id="history-title">{title}</DialogTitle>
      <DialogContent>
        {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
        {loaded.kind === 'loading' && <Typography color="textSecondary">Reading</Typography>}
        {revisions?.length === 0 && (
          <Typography color="textSecondary">The server has nothing of it yet: it is on its way.</Typography>
        )}
        <Stack component="ol" sx={{ listStyle: 'none', p: 0, m: 0 }}>
          {revisions?.map((revision, at) => (
            <Entry key={revision.revision} revision={revision} before={revisions[at + 1]} />
          ))}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}
