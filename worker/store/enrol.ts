// Owns how a device becomes known: signed with the key it brings, for a person who exists. Approving it later is an operation.
import { signedEnrolmentSchema } from '../../domain/change.ts';
import type { DeviceStatus } from '../../domain/people.ts';
import { emitDevice, readPerson } from './people.ts';
import { isPublicKey, isSigned } from './signature.ts';
import type { Store } from './store.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

export interface Enrolled {
  status: DeviceStatus | 'refused';
  message: string;
}

/**
 * Enrols a device. A key that the people file lists for the person is approved at once; others when `approveAtOnce`.
 * Repeating it answers with what the device is now; another key under a known id is refused.
 */
export async function enrol(
  store: Store,
  signed: unknown,
  options: { approveAtOnce: boolean },
  clock: () => string,
): Promise<Enrolled> {
  const parsed = signedEnrolmentSchema.safeParse(signed);
  if (!parsed.success) return refused('the enrolment cannot be read');
  const { enrolment, signature } = parsed.data;
  const { publicKey } = enrolment;
  if (!isPublicKey(publicKey)) return refused('the public key is no Ed25519 key');
  if (!isSigned('enrolment', enrolment, signature, publicKey)) {
    return refused('the enrolment is not signed with the key it brings');
  }
  return write(store, clock(), (writing) => admit(writing, enrolment, options.approveAtOnce));
}

function refused(message: string): Enrolled {
  return { status: 'refused', message };
}

async function admit(
  writing: Writing,
  enrolment: { deviceId: string; personId: string; label: string; publicKey: string },
  approveAtOnce: boolean,
): Promise<Enrolled> {
  const { trx, at } = writing;
  const { deviceId, personId, label, publicKey } = enrolment;
  const person = await readPerson(trx, personId);
  if (!person) return refused(`nobody is called ${personId} here: the people file decides who exists`);
  const known = await trx
    .selectFrom('devices')
    .selectAll()
    .where((eb) => eb.or([eb('device_id', '=', deviceId), eb('public_key', '=', publicKey)]))
    .execute();
  const [first] = known;
  if (first) {
    const same = known.length === 1 && first.device_id === deviceId && first.public_key === publicKey;
    if (!same || first.person_id !== personId) return refused('this device id or key is enrolled already otherwise');
    return { status: first.status, message: `device "${first.label}" is ${first.status}` };
  }
  const listed = await trx.selectFrom('listed_keys').selectAll().where('public_key', '=', publicKey).executeTakeFirst();
  const status = approveAtOnce || listed?.person_id === personId ? 'approved' : 'waiting';
  await trx
    .insertInto('devices')
    .values({
      device_id: deviceId,
      person_id: personId,
      label,
      public_key: publicKey,
      status,
      enrolled_at: at,
      decided_by: null,
      decided_at: status === 'approved' ? at : null,
      operation_sequence: 0,
      pull_sequence: 0,
    })
    .execute();
  await emitDevice(writing, deviceId);
  const message = status === 'approved' ? 'approved' : 'waits for a test manager to approve it';
  return { status, message: `device "${label}" of ${person.name}: ${message}` };
}
