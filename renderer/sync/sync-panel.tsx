// Owns the sync panel: what has not arrived, oldest first, why, and what a person can do about it. Sends nothing itself.
import { Alert, Box, Button, Collapse, FormControlLabel, Switch, Typography } from '@mui/material';
import { useEffect, useState } from 'react';
import type { OutboxEntry, SyncStatus } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { copyText } from '../copy-text.ts';
import { count, counted } from '../formats.ts';
import { useKeys } from '../keys.ts';
import { DeliveryMark, Hash, Mono, When, useNow } from '../marks.tsx';
import { FailurePanel, sentence, tellDone } from '../notices.tsx';
import { PageBody, PageHeader, usePlace, useSearch } from '../page-header.tsx';
import { RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { activeProfile, useShared } from '../store.ts';
import { linkLine } from '../shell/delivery-words.ts';
import { perform, useCommand, valueOf } from '../use-command.ts';
import { DamageAlert } from './damage-alert.tsx';
import { decideAgain } from './decide-again.ts';
import { DropDialog } from './drop-dialog.tsx';
import { Trouble } from './trouble.tsx';

const pageSize = 200;

/** "Approve 26912" with its key in the type of keys. */
function What({ entry }: { entry: OutboxEntry }) {
  const { what, itemKey } = entry;
  const at = itemKey === null ? -1 : what.indexOf(itemKey);
  if (itemKey === null || at === -1) return what;
  return (
    <>
      {what.slice(0, at)}
      <Mono>{itemKey}</Mono>
      {what.slice(at + itemKey.length)}
    </>
  );
}

function BoundTo({ entry }: { entry: OutboxEntry }) {
  return (
    <Mono>
      {entry.versionNumber !== null && `v${entry.versionNumber}`}
      {entry.contentHash && (
        <>
          {entry.versionNumber !== null && ' · '}
          <Hash value={entry.contentHash} label="content hash" />
        </>
      )}
    </Mono>
  );
}

function Attempts({ entry }: { entry: OutboxEntry }) {
  if (entry.reason) return entry.reason.message;
  if (entry.delivery === 'draft') return 'waits until you submit';
  if (entry.attempts === 0) return 'not tried yet';
  return (
    <>
      tried {counted(entry.attempts, 'time')}
      {entry.lastAttemptAt && (
        <>
          , last <When at={entry.lastAttemptAt} />
        </>
      )}
    </>
  );
}

const columns: readonly Column<OutboxEntry>[] = [
  { id: 'age', heading: 'Age', width: '7%', muted: true, cell: (row) => <When at={row.createdAt} as="age" /> },
  { id: 'what', heading: 'What', width: '27%', cell: (row) => <What entry={row} /> },
  { id: 'report', heading: 'Report', width: '12%', hideBelow: 'xl', muted: true, cell: (row) => row.reportName ?? '' },
  { id: 'bound', heading: 'Bound to', width: '11%', cell: (row) => <BoundTo entry={row} /> },
  { id: 'state', heading: 'State', width: '10%', cell: (row) => <DeliveryMark delivery={row.delivery} /> },
  { id: 'attempts', heading: 'Attempts, reason', muted: true, cell: (row) => <Attempts entry={row} /> },
];

const deliveredColumns: readonly Column<OutboxEntry>[] = [
  ...columns.slice(0, 4).map((column) => (column.id === 'age' ? { ...column, heading: 'Made' } : column)),
  { id: 'state', heading: 'State', width: '10%', cell: (row) => <DeliveryMark delivery={row.delivery} /> },
  { id: 'receipt', heading: 'Receipt', muted: true, cell: (row) => row.deliveredAt && <When at={row.deliveredAt} /> },
];

async function copyDiagnostics(): Promise<void> {
  const made = await perform('sync:diagnostics', {});
  if (!made) return;
  const copied = await copyText(made.text);
  tellDone(copied ? 'Diagnostics are on the clipboard; they hold no contents' : 'The clipboard could not be written');
}

function WorkOffline({ status }: { status: SyncStatus }) {
  const change = async (offline: boolean) => {
    const after = await perform('sync:work-offline', { offline });
    if (after) useShared.setState({ status: after });
  };
  useKeys({
    title: 'Sync',
    actions: [{ keys: 'o', label: 'Work offline, on or off', run: () => void change(!status.workOffline) }],
  });
  return (
    <FormControlLabel
      control={<Switch checked={status.workOffline} onChange={(_event, on) => void change(on)} />}
      label="Work offline"
      sx={{ mr: 1 }}
    />
  );
}

function Blocked({ status }: { status: SyncStatus }) {
  const me = useShared(activeProfile);
  if (status.state.kind !== 'blocked') return null;
  const { reason, message } = status.state;
  return (
    <Alert severity="error" sx={{ mb: 1.5 }}>
      {sentence({ message })}
      {reason === 'device-waiting' && me && (
        <>
          . A test manager approves this laptop under People and devices; its key is{' '}
          <Hash value={me.publicKey} label="public key" />.
        </>
      )}
    </Alert>
  );
}

function Delivered({ total }: { total: number }) {
  const [open, setOpen] = useState(false);
  const [from, setFrom] = useState(0);
  const loaded = useCommand('outbox:list', open ? { show: 'delivered', offset: from, limit: pageSize } : null);
  const toggle = () => setOpen(!open);
  return (
    <Section
      title="Delivered today"
      note={count(total)}
      action={
        <ActionButton
          label={open ? 'Hide what was delivered' : 'Show what was delivered'}
          keys="d"
          group="Sync"
          run={toggle}
          aria-expanded={open}
        />
      }
    >
      {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
      <Collapse in={open}>
        {open && (
          <RowList
            label="Delivered"
            rows={valueOf(loaded)?.entries ?? null}
            columns={deliveredColumns}
            keyOf={(row) => row.entryId}
            empty="What the server confirmed appears here with its receipt."
          />
        )}
        <Pages from={from} go={setFrom} list={valueOf(loaded)} order="newest first" />
      </Collapse>
    </Section>
  );
}

/** Which part of a long list is shown, and the way to the others. */
function Pages({
  from,
  go,
  list,
  order,
}: {
  from: number;
  go(from: number): void;
  list: { entries: readonly OutboxEntry[]; total: number } | null;
  order: string;
}) {
  if (!list || list.total <= pageSize) return null;
  const last = from + list.entries.length;
  return (
    <Box sx={{ mt: 1, display: 'flex', alignItems: 'center', gap: 1 }}>
      <Typography color="textSecondary">
        {count(Math.min(from + 1, last))} to {count(last)} of {count(list.total)}, {order}
      </Typography>
      <Button disabled={from === 0} onClick={() => go(Math.max(0, from - pageSize))}>
        Before
      </Button>
      <Button disabled={last >= list.total} onClick={() => go(from + pageSize)}>
        Next
      </Button>
    </Box>
  );
}

function Head({ status, again }: { status: SyncStatus | null; again: readonly OutboxEntry[] }) {
  const now = useNow();
  return (
    <PageHeader title="What has not arrived" line={status ? linkLine(status, now) : 'Reading'}>
      {status && <WorkOffline status={status} />}
      {again.length > 1 && (
        <ActionButton
          label={`Decide ${again.length} unchanged again`}
          group="Sync"
          run={() => void decideAgain(again)}
        />
      )}
      <ActionButton label="Copy diagnostics" keys="y" group="Sync" run={() => void copyDiagnostics()} />
      <ActionButton
        label="Try now"
        keys="t"
        group="Sync"
        variant="contained"
        color="primary"
        whyNot={status?.workOffline ? 'You chose to work offline: switch that off first' : null}
        run={() => void perform('sync:now', {})}
      />
    </PageHeader>
  );
}

const openForDecision = (entry: OutboxEntry) => entry.delivery === 'conflict' || entry.delivery === 'refused';

function troubleUnder(drop: (entry: OutboxEntry) => void): (row: OutboxEntry, selected: boolean) => React.ReactNode {
  return (row, selected) => (selected && openForDecision(row) ? <Trouble entry={row} drop={() => drop(row)} /> : null);
}

export function SyncPanel() {
  const status = useShared((state) => state.status);
  usePlace([{ text: 'Sync' }], "Nothing leaves this list before the server's receipt has arrived");
  const text = useSearch('Search what waits').trim().toLowerCase();
  const [from, setFrom] = useState(0);
  const [dropping, setDropping] = useState<OutboxEntry | null>(null);
  const loaded = useCommand('outbox:list', { show: 'open', offset: from, limit: pageSize });
  const open = valueOf(loaded);
  // What was delivered meanwhile leaves the list: a part that is no longer there must not look like an empty list.
  useEffect(() => {
    if (open && from >= open.total) setFrom(0);
  }, [open, from]);
  const found = (row: OutboxEntry) =>
    `${row.what} ${row.reportName ?? ''} ${row.delivery}`.toLowerCase().includes(text);
  const again = open?.entries.filter((row) => row.conflict?.decideAgainOn?.contentUnchanged) ?? [];
  return (
    <PageBody>
      <Head status={status} again={again} />
      {status?.damages.map((damage) => (
        <DamageAlert key={damage.damageId} damage={damage} />
      ))}
      {status && <Blocked status={status} />}
      {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
      <RowList
        main
        label="What has not arrived"
        rows={open?.entries.filter(found) ?? null}
        columns={columns}
        keyOf={(row) => row.entryId}
        empty={text === '' ? 'Everything you did was confirmed by the server.' : 'Nothing here contains that text.'}
        under={troubleUnder(setDropping)}
      />
      <Pages from={from} go={setFrom} list={open} order="oldest first" />
      <Delivered total={status?.counts.deliveredToday ?? 0} />
      {dropping && <DropDialog entry={dropping} close={() => setDropping(null)} />}
    </PageBody>
  );
}
