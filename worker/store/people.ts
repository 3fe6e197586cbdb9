// Owns persons and devices as rows, and what the people file means for them. Knows no signature and no operation.
import { directoryFeed } from '../../domain/change.ts';
import type { Device, PeopleFile, Person } from '../../domain/people.ts';
import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';
import type { Writing } from './writing.ts';

export function personOf(row: Schema['people']): Person {
  return {
    personId: row.person_id,
    name: row.name,
    roles: JSON.parse(row.roles_text) as Person['roles'],
    ...(row.email === null ? {} : { email: row.email }),
  };
}

export function deviceOf(row: Schema['devices']): Device {
  return {
    deviceId: row.device_id,
    personId: row.person_id,
    label: row.label,
    publicKey: row.public_key,
    status: row.status,
    enrolledAt: row.enrolled_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
  };
}

/** A person whom the people file names now; undefined for all others. */
export async function readPerson(db: Kysely<Schema>, personId: string): Promise<Person | undefined> {
  const row = await db
    .selectFrom('people')
    .selectAll()
    .where('person_id', '=', personId)
    .where('active', '=', 1)
    .executeTakeFirst();
  return row && personOf(row);
}

/** Tells a device's own person and the test managers what became of it; nobody else. */
export async function emitDevice({ trx, emit }: Writing, deviceId: string): Promise<Device> {
  const row = await trx.selectFrom('devices').selectAll().where('device_id', '=', deviceId).executeTakeFirstOrThrow();
  const device = deviceOf(row);
  emit(directoryFeed, { kind: 'device', device }, `person:${device.personId}`);
  emit(directoryFeed, { kind: 'device', device }, 'role:test-manager');
  return device;
}

/** See `loadPeople`. */
export async function upsertPeople(writing: Writing, file: PeopleFile): Promise<void> {
  const { trx } = writing;
  const rows = await trx.selectFrom('people').selectAll().execute();
  const known = new Map(rows.map((row) => [row.person_id, row]));
  const named = new Set(file.people.map((person) => person.personId));
  for (const { devices: _devices, ...person } of file.people) {
    const row = {
      person_id: person.personId,
      name: person.name,
      roles_text: JSON.stringify(person.roles),
      email: person.email ?? null,
      active: 1,
    };
    if (isSame(known.get(person.personId), row)) continue;
    const { person_id: _id, ...rest } = row;
    await trx
      .insertInto('people')
      .values(row)
      .onConflict((c) => c.column('person_id').doUpdateSet(rest))
      .execute();
    writing.emit(directoryFeed, { kind: 'person', person });
  }
  for (const row of rows) {
    if (row.active === 1 && !named.has(row.person_id)) {
      await trx.updateTable('people').set({ active: 0 }).where('person_id', '=', row.person_id).execute();
    }
  }
  await listKeys(writing, file);
}

function isSame(known: Schema['people'] | undefined, row: Schema['people']): boolean {
  return (
    known !== undefined &&
    known.active === row.active &&
    known.name === row.name &&
    known.roles_text === row.roles_text &&
    known.email === row.email
  );
}

async function listKeys(writing: Writing, file: PeopleFile): Promise<void> {
  const { trx, at } = writing;
  await trx.deleteFrom('listed_keys').execute();
  for (const person of file.people) {
    for (const publicKey of person.devices ?? []) {
      const values = { public_key: publicKey, person_id: person.personId };
      await trx
        .insertInto('listed_keys')
        .values(values)
        .onConflict((c) => c.doNothing())
        .execute();
      const waiting = await trx
        .updateTable('devices')
        .set({ status: 'approved', decided_at: at })
        .where('public_key', '=', publicKey)
        .where('person_id', '=', person.personId)
        .where('status', '=', 'waiting')
        .returning('device_id')
        .execute();
      for (const row of waiting) await emitDevice(writing, row.device_id);
    }
  }
}
