// Owns the work of the request for information: documents of a line of business, handed in, accepted, rejected, handed in again.
// The file is streamed to the host and never read in the page. Decides nothing.
import { Alert, Box, Button, Stack, TextField, Typography } from '@mui/material';
import { useRef, useState } from 'react';
import type { CommandInput, DocumentRow, Failure, PhaseDetail } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { bridge } from '../bridge.ts';
import { bytes } from '../formats.ts';
import { DeliveryMark, Hash, Mark } from '../marks.tsx';
import type { GlyphName } from '../marks.tsx';
import { FailurePanel, sentence, tellDone } from '../notices.tsx';
import { HiddenHeading, RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { useMe } from '../use-me.ts';
import { usePeople } from '../use-people.ts';
import { perform, useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import type { StaleOn } from '../use-command.ts';
import { AskDialog } from './ask-dialog.tsx';
import { RecordHistory } from './record-history.tsx';

type Place = { reportId: string; lob: string };

const looks: Readonly<Record<DocumentRow['state'], { glyph: GlyphName; color: string }>> = {
  submitted: { glyph: 'ring', color: 'waiting.main' },
  accepted: { glyph: 'tick', color: 'approved.main' },
  rejected: { glyph: 'cross', color: 'rejected.main' },
};

/** Today as `YYYY-MM-DD` on this laptop. */
function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** Hands a file in: a new document, or a new file for one that is there. */
function HandIn({ place, of, done }: { place: Place; of: DocumentRow | null; done(): void }) {
  const [title, setTitle] = useState(of?.title ?? '');
  const [effectiveDate, setEffectiveDate] = useState(of?.effectiveDate ?? today());
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const practice = valueOf(useCommand('practice:evidence', place, () => false));

  const submit = async (source: CommandInput<'document:submit'>['source'], fallbackTitle: string) => {
    const result = await bridge().invoke('document:submit', {
      ...place,
      documentId: of?.documentId ?? null,
      title: title.trim() || fallbackTitle,
      source,
      effectiveDate,
    });
    if (!result.ok) return setProblem(sentence(result.error));
    tellDone(`${title.trim() || fallbackTitle} is kept on this laptop and sent by itself`);
    setTitle('');
    done();
  };
  const take = async (file: File) => {
    setSending(true);
    setProblem(null);
    try {
      const { source } = await bridge().receiveFile(file, place.reportId, new AbortController().signal);
      await submit(source, file.name);
    } catch (error) {
      setProblem(
        `${file.name} did not arrive: ${error instanceof Error ? error.message : String(error)}. Choose it again`,
      );
    }
    setSending(false);
  };
  return (
    <Stack spacing={1} sx={{ mb: 1.5 }}>
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', alignItems: 'center' }}>
        <TextField
          label="Title"
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          placeholder="The file’s name"
          sx={{ flex: 1, minWidth: '16em' }}
        />
        <TextField
          label="Effective date"
          type="date"
          value={effectiveDate}
          onChange={(event) => setEffectiveDate(event.target.value)}
          slotProps={{ inputLabel: { shrink: true } }}
        />
        <ActionButton
          label={of ? 'Choose the new file…' : 'Choose a file…'}
          keys="f"
          group="Documents"
          variant="contained"
          color="primary"
          disabled={sending}
          whyNot={effectiveDate === '' ? 'The day that the document speaks of is missing' : null}
          run={() => input.current?.click()}
        />
        {practice && (
          <Button onClick={() => void submit({ kind: 'path', path: practice.path }, practice.fileName)}>
            Use the practice file {practice.fileName}
          </Button>
        )}
      </Box>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="Document file"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) void take(file);
        }}
      />
      {sending && <Typography role="status">The file is read and hashed</Typography>}
      {problem && (
        <Alert severity="error" role="alert">
          {problem}
        </Alert>
      )}
    </Stack>
  );
}

/** How far a file of this laptop is on its way. */
function uploadWords(upload: DocumentRow['upload']): string | null {
  switch (upload?.kind) {
    case 'receiving':
      return `read and hashed, ${bytes(upload.receivedBytes)}`;
    case 'waiting-for-server':
      return `waits: ${upload.reason}`;
    case 'uploading':
      return `${bytes(upload.sentBytes)} sent`;
    case 'failed':
      return upload.message;
    default:
      return null;
  }
}

type Open = { kind: 'reject' | 'history' | 'again'; row: DocumentRow } | null;

interface Acting {
  place: Place;
  mayNot: boolean;
  show(open: Open): void;
}

function columnsOf(nameOf: (personId: string | null) => string, acting: Acting): readonly Column<DocumentRow>[] {
  return [
    {
      id: 'title',
      heading: 'Document',
      width: '28%',
      cell: (row) => (
        <Box sx={{ py: 0.75 }}>
          <strong>{row.title}</strong>
          <Typography variant="caption" component="div" color="textSecondary">
            {row.fileName} · {bytes(row.fileSize)} · <Hash value={row.fileHash} label="SHA-256 of the file" />
          </Typography>
        </Box>
      ),
    },
    { id: 'date', heading: 'Effective', oneLine: true, cell: (row) => row.effectiveDate },
    {
      id: 'state',
      heading: 'State',
      cell: (row) => (
        <>
          <Mark {...looks[row.state]}>{row.state}</Mark>
          {row.note !== '' && (
            <Typography variant="caption" component="div" color="textSecondary">
              {row.note}
            </Typography>
          )}
        </>
      ),
    },
    {
      id: 'by',
      heading: 'Handed in by',
      hideBelow: 'lg',
      cell: (row) => `${nameOf(row.submittedBy)}${row.submission > 1 ? `, file ${row.submission}` : ''}`,
    },
    {
      id: 'delivery',
      heading: 'Delivery',
      cell: (row) => (
        <>
          {row.delivery && <DeliveryMark delivery={row.delivery} />} {uploadWords(row.upload) ?? row.problem?.message}
        </>
      ),
    },
    {
      id: 'acts',
      heading: <HiddenHeading>Actions</HiddenHeading>,
      align: 'right',
      oneLine: true,
      cell: (row) => <RowActs row={row} {...acting} />,
    },
  ];
}

function RowActs({ row, place, mayNot, show }: Acting & { row: DocumentRow }) {
  const me = useMe();
  const { documentId } = row;
  const review = async () => {
    const done = await perform('document:review', { ...place, documentId, verdict: 'accepted' });
    if (done) tellDone(`Accepting ${row.title} is kept on this laptop and sent by itself`);
  };
  const onItsWay = row.revision === 0 || (row.upload !== null && row.upload.kind !== 'ready');
  const mine = row.submittedBy === me?.personId;
  const tests = me?.roles.some((role) => role !== 'data-owner' && role !== 'report-owner') ?? false;
  return (
    <>
      {row.revision > 0 && (
        <Button variant="text" onClick={() => show({ kind: 'history', row })}>
          History
        </Button>
      )}
      {!mayNot && row.state === 'submitted' && !onItsWay && !mine && tests && (
        <>
          <Button variant="text" aria-label={`Accept ${row.title}`} onClick={() => void review()}>
            Accept
          </Button>
          <Button variant="text" aria-label={`Reject ${row.title}`} onClick={() => show({ kind: 'reject', row })}>
            Reject…
          </Button>
        </>
      )}
      {!mayNot && row.state === 'rejected' && (
        <Button variant="text" onClick={() => show({ kind: 'again', row })}>
          Hand in again…
        </Button>
      )}
      {onItsWay && row.upload !== null && (
        <Button variant="text" onClick={() => void perform('document:cancel', { ...place, documentId })}>
          Take back
        </Button>
      )}
    </>
  );
}

/** A file on its way tells by import events, everything else by changes of the report. */
const staleFor =
  (reportId: string): StaleOn =>
  (event) =>
    whenReportChanges(reportId)(event) || (event.kind === 'import' && event.job.reportId === reportId);

export function DocumentsWork({ detail }: { detail: PhaseDetail }) {
  const { nameOf } = usePeople();
  const [open, setOpen] = useState<Open>(null);
  const place: Place = { reportId: detail.report.reportId, lob: detail.state.lob ?? '' };
  const loaded = useCommand('document:list', place, staleFor(place.reportId));
  const rows = valueOf(loaded);
  const mayNot = detail.may.record;
  const reject = async (reason: string): Promise<Failure | null> => {
    if (!open) return null;
    const { documentId } = open.row;
    const result = await bridge().invoke('document:review', { ...place, documentId, verdict: 'rejected', reason });
    return result.ok ? null : result.error;
  };
  if (loaded.kind === 'failed' && !rows) return <FailurePanel failure={loaded.error} retry={loaded.reload} />;
  const again = open?.kind === 'again' ? open.row : null;
  return (
    <Section title={again ? `New file for ${again.title}` : 'Documents'} note={mayNot && sentence(mayNot)}>
      {mayNot === null && (
        <HandIn key={again?.documentId ?? 'new'} place={place} of={again} done={() => setOpen(null)} />
      )}
      <RowList
        main
        label="Documents"
        rows={rows}
        columns={columnsOf(nameOf, { place, mayNot: mayNot !== null, show: setOpen })}
        keyOf={(row) => row.documentId}
        empty="Nothing was handed in yet. A data owner or a tester hands in the first document."
      />
      {open?.kind === 'reject' && (
        <AskDialog
          title={`Reject ${open.row.title}`}
          says="The data owner reads the reason and hands in another file; this one stays in the document’s history."
          label="Reason"
          confirm="Reject it"
          act={reject}
          close={() => setOpen(null)}
        />
      )}
      {open?.kind === 'history' && (
        <RecordHistory
          of={{ ...place, phase: 'request-info', recordKey: open.row.documentId }}
          title={open.row.title}
          close={() => setOpen(null)}
        />
      )}
    </Section>
  );
}
