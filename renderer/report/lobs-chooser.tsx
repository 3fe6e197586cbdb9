// Owns choosing where a report's lines of business come from, until they are recorded; after that it says what they are.
import { Alert, Box, Paper, Typography } from '@mui/material';
import { useState } from 'react';
import { whyNotLobSource } from '../../domain/control.ts';
import type { Report } from '../../domain/change.ts';
import type { Population } from '../../domain/population.ts';
import { whyNotGoing } from '../../domain/turn.ts';
import { ActionButton } from '../action-button.tsx';
import { sentence, tellDone } from '../notices.tsx';
import { Section } from '../row-list.tsx';
import { perform } from '../use-command.ts';
import { useMay } from '../use-may.ts';
import { draftOfSource, sourceOf, sourceWords, whyNotLobs } from './lob-draft.ts';
import type { LobDraft } from './lob-draft.ts';
import { LobSourceField } from './lob-source-field.tsx';

type Ready = Extract<Population['state'], { kind: 'ready' }>;

/** The profile of the newest population that was read; null while there is none. */
export function newestReady(populations: readonly Population[]): Ready | null {
  const newest = populations.toSorted((a, b) => b.importedAt.localeCompare(a.importedAt));
  return newest.flatMap(({ state }) => (state.kind === 'ready' ? [state] : []))[0] ?? null;
}

export function LobsChooser({ report, populations }: { report: Report; populations: readonly Population[] }) {
  const [typed, setTyped] = useState<LobDraft | null>(null);
  const may = useMay(report);
  if (report.lobs.length > 0) return null;
  const draft = typed ?? draftOfSource(report.lobSource);
  const ready = newestReady(populations);
  const source = sourceOf(draft);
  const unfit = source && ready && whyNotLobs(draft) === null ? whyNotLobSource(source, ready.columns) : null;
  const notReady = ready ? null : 'A population has to be imported first: the lines of business come from it';
  const same = typed === null || JSON.stringify(source) === JSON.stringify(report.lobSource);
  const whyNot =
    may({ kind: 'set-lobs' }, whyNotGoing(report)) ??
    notReady ??
    (source === null ? 'Choose where they come from' : whyNotLobs(draft)) ??
    (unfit ? sentence(unfit) : null) ??
    (same ? 'This is what is chosen already' : null);
  const choose = async () => {
    if (source === null) return;
    const done = await perform('lobs:set', { reportId: report.reportId, source });
    if (!done) return;
    setTyped(null);
    tellDone('The choice of the lines of business is kept on this laptop and sent by itself');
  };
  return (
    <Section title="Lines of business" note={sourceWords(report.lobSource)}>
      <Paper sx={{ borderRadius: 2, px: 2, py: 1.5 }}>
        <Typography color="textSecondary" sx={{ mb: 1 }}>
          Each becomes a lane with its own documents, tests and observations. They are recorded when scoping is settled;
          until then the choice can be changed.
        </Typography>
        <LobSourceField draft={draft} change={setTyped} columns={ready?.columns ?? []} mayWait={false} />
        {unfit && !same && (
          <Alert severity="error" sx={{ mt: 1 }}>
            {sentence(unfit)}
          </Alert>
        )}
        <Box sx={{ mt: 1.5 }}>
          <ActionButton
            label="Choose these lines of business"
            group="Report"
            variant={whyNot ? 'outlined' : 'contained'}
            color={whyNot ? 'inherit' : 'primary'}
            whyNot={whyNot}
            run={() => void choose()}
          />
        </Box>
      </Paper>
    </Section>
  );
}
