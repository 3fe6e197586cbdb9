// Owns people and devices: who exists, whose laptop waits, and for test managers approving and revoking.
import { Button } from '@mui/material';
import { whyNot } from '../../domain/authority.ts';
import type { Device, Person } from '../../domain/people.ts';
import { count } from '../formats.ts';
import { Hash, Mark, Mono, When } from '../marks.tsx';
import type { GlyphName } from '../marks.tsx';
import { FailurePanel, sentence, tellDone } from '../notices.tsx';
import { PageBody, PageHeader, usePlace, useSearch } from '../page-header.tsx';
import { useMe } from '../use-me.ts';
import { HiddenHeading, RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { rolesText } from '../shell/person-menu.tsx';
import { perform, useCommand, valueOf } from '../use-command.ts';

const deviceLooks: Readonly<Record<Device['status'], { glyph: GlyphName; color: string }>> = {
  waiting: { glyph: 'quarter', color: 'waiting.main' },
  approved: { glyph: 'tick', color: 'approved.main' },
  revoked: { glyph: 'cross', color: 'rejected.main' },
};

const personColumns: readonly Column<Person>[] = [
  { id: 'name', heading: 'Name', width: '30%', cell: (row) => <strong>{row.name}</strong> },
  { id: 'id', heading: 'Person id', width: '20%', cell: (row) => <Mono>{row.personId}</Mono> },
  { id: 'roles', heading: 'May be assigned as', cell: (row) => rolesText(row.roles) },
];

async function decide(device: Device, name: string, approve: boolean): Promise<void> {
  const done = await perform(approve ? 'device:approve' : 'device:revoke', { deviceId: device.deviceId });
  if (done)
    tellDone(
      `${approve ? 'Approving' : 'Revoking'} ${name}’s device “${device.label}” is kept on this laptop and sent by itself`,
    );
}

function Decide({ device, name }: { device: Device; name: string }) {
  return (
    <>
      {device.status !== 'approved' && (
        <Button aria-label={`Approve ${device.label} of ${name}`} onClick={() => void decide(device, name, true)}>
          Approve
        </Button>
      )}{' '}
      {device.status !== 'revoked' && (
        <Button
          variant="text"
          aria-label={`Revoke ${device.label} of ${name}`}
          onClick={() => void decide(device, name, false)}
        >
          Revoke
        </Button>
      )}
    </>
  );
}

function deviceColumns(nameOf: (id: string) => string, mayDecide: boolean): readonly Column<Device>[] {
  const columns: Column<Device>[] = [
    { id: 'person', heading: 'Person', width: '18%', cell: (row) => nameOf(row.personId) },
    { id: 'label', heading: 'Laptop', width: '20%', cell: (row) => row.label },
    { id: 'key', heading: 'Public key', cell: (row) => <Hash value={row.publicKey} label="public key" /> },
    {
      id: 'status',
      heading: 'State',
      cell: (row) => (
        <Mark glyph={deviceLooks[row.status].glyph} color={deviceLooks[row.status].color}>
          {row.status}
        </Mark>
      ),
    },
    { id: 'enrolled', heading: 'Enrolled', muted: true, cell: (row) => <When at={row.enrolledAt} /> },
  ];
  if (!mayDecide) return columns;
  const act: Column<Device> = {
    id: 'act',
    heading: <HiddenHeading>Actions</HiddenHeading>,
    align: 'right',
    width: '20%',
    cell: (row) => <Decide device={row} name={nameOf(row.personId)} />,
  };
  return [...columns, act];
}

// Who waits for a decision comes first.
const byNeed = (left: Device, right: Device) =>
  Number(right.status === 'waiting') - Number(left.status === 'waiting') ||
  left.enrolledAt.localeCompare(right.enrolledAt);

export function PeopleScreen() {
  usePlace([{ text: 'People and devices' }]);
  const text = useSearch('Search people').trim().toLowerCase();
  const loaded = useCommand('people:list', {});
  const directory = valueOf(loaded);
  const me = useMe();
  const refusal = me && whyNot({ kind: 'decide-device' }, me, []);
  const nameOf = (id: string) => directory?.people.find((person) => person.personId === id)?.name ?? id;
  const waiting = directory?.devices.filter((device) => device.status === 'waiting').length ?? 0;
  const people = directory?.people.filter((row) =>
    `${row.name} ${row.personId} ${rolesText(row.roles)}`.toLowerCase().includes(text),
  );
  const devices = directory?.devices.filter((row) =>
    `${nameOf(row.personId)} ${row.label}`.toLowerCase().includes(text),
  );
  return (
    <PageBody>
      <PageHeader
        title="People and devices"
        line={
          waiting > 0
            ? `${count(waiting)} waiting for a test manager`
            : 'A device is one person’s laptop; its key signs what they do'
        }
      />
      {loaded.kind === 'failed' && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
      <RowList
        main
        label="Devices"
        rows={devices?.toSorted(byNeed) ?? null}
        columns={deviceColumns(nameOf, refusal === null)}
        keyOf={(row) => row.deviceId}
        empty={refusal ? `Your own devices appear here. ${sentence(refusal)}.` : 'Devices appear here when they enrol.'}
      />
      <Section title="People">
        <RowList
          label="People"
          rows={people ?? null}
          columns={personColumns}
          keyOf={(row) => row.personId}
          empty="The directory comes with the first pull from the server."
        />
      </Section>
    </PageBody>
  );
}
