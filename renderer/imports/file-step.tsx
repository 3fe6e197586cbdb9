// Owns the first step: choose or drop a file; it is streamed to the host and never read in the page.
import {
  Alert,
  Box,
  Button,
  LinearProgress,
  Paper,
  Radio,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { useRef, useState } from 'react';
import { ActionButton } from '../action-button.tsx';
import { bridge } from '../bridge.ts';
import { bytes, count, percent } from '../formats.ts';
import { Hash, When } from '../marks.tsx';
import { sentence } from '../notices.tsx';
import type { ImportJob } from '../../preload/contract.ts';
import { ImportLine } from './import-line.tsx';
import { isOnItsWay } from './use-imports.ts';
import type { ReadyPopulation } from './wizard-draft.ts';

type Sending =
  { kind: 'none' } | { kind: 'sending'; file: File; stop: AbortController } | { kind: 'failed'; message: string };

/** Takes a chosen file, with the way to stop it. */
function useSending(reportId: string): { sending: Sending; send(file: File): void; cancel(): void } {
  const [sending, setSending] = useState<Sending>({ kind: 'none' });
  const send = async (file: File) => {
    const stop = new AbortController();
    setSending({ kind: 'sending', file, stop });
    try {
      const { source } = await bridge().receiveFile(file, reportId, stop.signal);
      const result = await bridge().invoke('population:import', { reportId, source });
      setSending(result.ok ? { kind: 'none' } : { kind: 'failed', message: sentence(result.error) });
    } catch (error) {
      if (stop.signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      setSending({ kind: 'failed', message: `${file.name} did not arrive: ${why}. Choose it again` });
    }
  };
  const cancel = () => {
    if (sending.kind === 'sending') sending.stop.abort();
    setSending({ kind: 'none' });
  };
  return { sending, send: (file) => void send(file), cancel };
}

function SendingLine({ file, job, cancel }: { file: File; job: ImportJob | undefined; cancel(): void }) {
  const received = job?.state.kind === 'receiving' ? job.state.receivedBytes : null;
  const share = received === null || file.size === 0 ? null : Math.min(1, received / file.size);
  return (
    <Paper sx={{ borderRadius: 2, px: 2, py: 1.25, display: 'flex', alignItems: 'center', gap: 2 }}>
      <Box sx={{ flex: 1 }}>
        <Typography role="status">
          <strong>{file.name}</strong> is read and hashed · {bytes(received ?? 0)} of {bytes(file.size)}
          {share !== null && ` · ${percent(Math.floor(share * 100) / 100)}`}
        </Typography>
        <LinearProgress
          aria-label={`Reading ${file.name}`}
          sx={{ mt: 0.75 }}
          variant={share === null ? 'indeterminate' : 'determinate'}
          {...(share === null ? {} : { value: Math.round(share * 100) })}
        />
      </Box>
      <Button onClick={cancel}>Cancel</Button>
    </Paper>
  );
}

function Chooser({ take, whyNot }: { take(file: File): void; whyNot: string | null }) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <Paper
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const [file] = event.dataTransfer.files;
        if (file && !whyNot) take(file);
      }}
      sx={{
        borderRadius: 2,
        px: 2,
        py: 4,
        textAlign: 'center',
        borderStyle: 'dashed',
        borderColor: over ? 'accent.main' : 'strongLine',
        bgcolor: over ? 'accent.tint' : 'background.paper',
      }}
    >
      <Typography sx={{ mb: 1.5 }}>Drop a CSV file here, or choose one. Its first line names the columns.</Typography>
      <ActionButton
        label="Choose a file…"
        keys="f"
        group="Import"
        showKey
        variant="contained"
        color="primary"
        whyNot={whyNot}
        run={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        hidden
        aria-label="Population file"
        accept=".csv,.tsv,.txt,text/csv"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) take(file);
        }}
      />
      <Typography variant="caption" component="p" color="textSecondary" sx={{ mt: 1.5 }}>
        Comma, semicolon or tab · UTF-8 · up to 200 MB through the server · the file itself is never changed
      </Typography>
    </Paper>
  );
}

const delimiterNames: Readonly<Record<string, string>> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' };

function PopulationTable({
  populations,
  chosen,
  choose,
}: {
  populations: readonly ReadyPopulation[];
  chosen: string | null;
  choose(hash: string): void;
}) {
  return (
    <Paper sx={{ borderRadius: 2, mt: 1.5, overflow: 'auto' }}>
      <Table aria-label="Imported files">
        <TableHead>
          <TableRow>
            <TableCell>Use</TableCell>
            <TableCell>File</TableCell>
            <TableCell align="right">Rows</TableCell>
            <TableCell align="right">Columns</TableCell>
            <TableCell align="right">Size</TableCell>
            <TableCell>Delimiter</TableCell>
            <TableCell>Encoding</TableCell>
            <TableCell>SHA-256</TableCell>
            <TableCell>Imported</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {populations.map((row) => (
            <TableRow
              key={row.populationHash}
              selected={row.populationHash === chosen}
              onClick={() => choose(row.populationHash)}
            >
              <TableCell>
                <Radio
                  checked={row.populationHash === chosen}
                  onChange={() => choose(row.populationHash)}
                  slotProps={{ input: { 'aria-label': `Use ${row.fileName}` } }}
                />
              </TableCell>
              <TableCell>
                <strong>{row.fileName}</strong>
              </TableCell>
              <TableCell align="right">{count(row.state.rowCount)}</TableCell>
              <TableCell align="right">{count(row.state.columns.length)}</TableCell>
              <TableCell align="right">{bytes(row.fileSize)}</TableCell>
              <TableCell>{delimiterNames[row.state.delimiter] ?? row.state.delimiter}</TableCell>
              <TableCell>{row.state.encoding}</TableCell>
              <TableCell>
                <Hash value={row.populationHash} label="SHA-256 of the file" />
              </TableCell>
              <TableCell sx={{ color: 'text.secondary' }}>
                <When at={row.importedAt} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Paper>
  );
}

interface Props {
  reportId: string;
  imports: readonly ImportJob[];
  populations: readonly ReadyPopulation[];
  failed: readonly { fileName: string; message: string }[];
  chosen: string | null;
  choose(populationHash: string): void;
  whyNot: string | null;
}

export function FileStep({ reportId, imports, populations, failed, chosen, choose, whyNot }: Props) {
  const { sending, send, cancel } = useSending(reportId);
  const file = sending.kind === 'sending' ? sending.file : null;
  const receiving = imports.find((job) => job.state.kind === 'receiving' && job.fileName === file?.name);
  const onTheirWay = imports.filter((job) => isOnItsWay(job) && job.importId !== receiving?.importId);
  return (
    <>
      {file ? <SendingLine file={file} job={receiving} cancel={cancel} /> : <Chooser take={send} whyNot={whyNot} />}
      <Box sx={{ mt: 1.5 }}>
        {sending.kind === 'failed' && (
          <Alert severity="error" sx={{ mb: 1 }} role="alert">
            {sending.message}
          </Alert>
        )}
        {onTheirWay.map((job) => (
          <ImportLine key={job.importId} job={job} />
        ))}
        {failed.map((one) => (
          <Alert key={`${one.fileName} ${one.message}`} severity="error" sx={{ mb: 1 }}>
            <strong>{one.fileName}</strong> could not be imported: {one.message}
          </Alert>
        ))}
      </Box>
      {populations.length > 0 && <PopulationTable populations={populations} chosen={chosen} choose={choose} />}
    </>
  );
}
