// Owns the work of data owner identification: who answers for which attribute in which line of business. Decides nothing.
import { Autocomplete, Box, Button, MenuItem, Stack, TextField } from '@mui/material';
import { useState } from 'react';
import { assignmentKey } from '../../domain/audit-record.ts';
import type { Person } from '../../domain/people.ts';
import type { OwnerRow, PhaseDetail } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { count, counted } from '../formats.ts';
import { DeliveryMark } from '../marks.tsx';
import { FailurePanel, sentence, tellDone } from '../notices.tsx';
import { HiddenHeading, RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { perform, useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { AskDialog } from './ask-dialog.tsx';
import { RecordHistory } from './record-history.tsx';

/** The most assignments that are shown, and sent, at once. */
const most = 500;

function PersonField({
  people,
  value,
  change,
}: {
  people: readonly Person[];
  value: string | null;
  change(personId: string | null): void;
}) {
  const nameOf = (id: string) => people.find((person) => person.personId === id)?.name ?? id;
  return (
    <Autocomplete
      size="small"
      options={people.map((person) => person.personId)}
      getOptionLabel={nameOf}
      value={value}
      onChange={(_event, id) => change(id)}
      noOptionsText="Nobody is a data owner here: a test manager assigns people to the report"
      renderInput={(parameters) => <TextField {...parameters} label="Data owner" />}
      sx={{ flex: 1, minWidth: '14em' }}
    />
  );
}

function ChangeDialog({
  detail,
  row,
  people,
  close,
}: {
  detail: PhaseDetail;
  row: OwnerRow;
  people: readonly Person[];
  close(): void;
}) {
  const [owner, setOwner] = useState(row.dataOwnerId);
  const act = async (reason: string) => {
    if (owner === null) return null;
    const { lob, attribute } = row;
    const result = await bridge().invoke('owner:assign', {
      reportId: detail.report.reportId,
      assignments: [{ lob, attribute, dataOwnerId: owner, reason }],
    });
    return result.ok ? null : result.error;
  };
  return (
    <AskDialog
      title={`${row.attribute} in ${row.lob}`}
      says={`${row.dataOwner ?? 'Nobody'} answers for it now. The change and its reason stay in its history.`}
      label="Reason"
      confirm="Change the owner"
      ready={owner !== null && owner !== row.dataOwnerId}
      act={act}
      close={close}
    >
      <PersonField people={people} value={owner} change={setOwner} />
    </AskDialog>
  );
}

function AssignOpen({
  detail,
  open,
  people,
  mayNot,
}: {
  detail: PhaseDetail;
  open: readonly OwnerRow[];
  people: readonly Person[];
  mayNot: string | null;
}) {
  const [owner, setOwner] = useState<string | null>(null);
  const assign = async () => {
    if (owner === null) return;
    const assignments = open.map(({ lob, attribute }) => ({ lob, attribute, dataOwnerId: owner }));
    const done = await perform('owner:assign', { reportId: detail.report.reportId, assignments });
    if (done) tellDone(`${counted(open.length, 'assignment')} kept on this laptop and sent by themselves`);
  };
  return (
    <Stack direction="row" sx={{ gap: 1, flex: 1 }}>
      <PersonField people={people} value={owner} change={setOwner} />
      <Button
        variant="contained"
        color="primary"
        disabled={owner === null || open.length === 0 || mayNot !== null}
        onClick={() => void assign()}
      >
        Assign to {count(open.length)} open
      </Button>
    </Stack>
  );
}

type Dialog = { kind: 'change' | 'history'; row: OwnerRow } | null;

function columnsOf(mayNot: string | null, show: (dialog: Dialog) => void): readonly Column<OwnerRow>[] {
  return [
    { id: 'lob', heading: 'Line of business', width: '22%', cell: (row) => row.lob },
    { id: 'attribute', heading: 'Attribute', width: '26%', cell: (row) => <strong>{row.attribute}</strong> },
    { id: 'owner', heading: 'Data owner', cell: (row) => row.dataOwner ?? 'open' },
    {
      id: 'delivery',
      heading: 'Delivery',
      cell: (row) => (
        <>
          {row.delivery && <DeliveryMark delivery={row.delivery} />} {row.problem?.message}
        </>
      ),
    },
    {
      id: 'acts',
      heading: <HiddenHeading>Actions</HiddenHeading>,
      align: 'right',
      oneLine: true,
      cell: (row) => (
        <>
          {row.revision > 0 && (
            <Button variant="text" onClick={() => show({ kind: 'history', row })}>
              History
            </Button>
          )}
          {row.dataOwnerId !== null && mayNot === null && (
            <Button variant="text" onClick={() => show({ kind: 'change', row })}>
              Change…
            </Button>
          )}
        </>
      ),
    },
  ];
}

export function OwnersWork({ detail }: { detail: PhaseDetail }) {
  const { reportId, assignments, lobs } = detail.report;
  const [lob, setLob] = useState('');
  const [dialog, setDialog] = useState<Dialog>(null);
  const loaded = useCommand('owner:list', { reportId, limit: most }, whenReportChanges(reportId));
  const people = valueOf(useCommand('people:list', {}))?.people ?? [];
  const dataOwners = people.filter((person) =>
    assignments.some((row) => row.personId === person.personId && row.role === 'data-owner'),
  );
  const all = valueOf(loaded)?.rows ?? null;
  const shown = all?.filter((row) => lob === '' || row.lob === lob) ?? null;
  const open = shown?.filter((row) => row.dataOwnerId === null) ?? [];
  const mayNot = detail.may.record && sentence(detail.may.record);
  if (loaded.kind === 'failed' && !all) return <FailurePanel failure={loaded.error} retry={loaded.reload} />;
  return (
    <Section title="Data owners" note={mayNot ?? (all && `${count(open.length)} of ${count(shown?.length ?? 0)} open`)}>
      <Box sx={{ display: 'flex', gap: 1, mb: 1, flexWrap: 'wrap' }}>
        <TextField
          select
          label="Line of business"
          value={lob}
          onChange={(event) => setLob(event.target.value)}
          sx={{ minWidth: '14em' }}
        >
          <MenuItem value="">All</MenuItem>
          {lobs.map((one) => (
            <MenuItem key={one.lob} value={one.lob}>
              {one.lob}
            </MenuItem>
          ))}
        </TextField>
        {mayNot === null && <AssignOpen {...{ detail, open, mayNot }} people={dataOwners} />}
      </Box>
      <RowList
        main
        label="Data owners"
        rows={shown}
        columns={columnsOf(mayNot, setDialog)}
        keyOf={(row) => assignmentKey(row.lob, row.attribute)}
        empty="Every line of business and attribute in scope will be listed here."
      />
      {dialog?.kind === 'change' && (
        <ChangeDialog detail={detail} row={dialog.row} people={dataOwners} close={() => setDialog(null)} />
      )}
      {dialog?.kind === 'history' && (
        <RecordHistory
          of={{ reportId, phase: 'data-owner-id', recordKey: assignmentKey(dialog.row.lob, dialog.row.attribute) }}
          title={`${dialog.row.attribute} in ${dialog.row.lob}`}
          close={() => setDialog(null)}
        />
      )}
    </Section>
  );
}
