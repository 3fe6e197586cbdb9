// Owns what `device.approve` and `device.revoke` do.
import { whyNot } from '../../../domain/authority.ts';
import { emitDevice } from '../people.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

export function approveDevice(subject: Case, body: BodyOfKind<'device.approve'>): Promise<Ruling> {
  return decideDevice(subject, body.deviceId, 'approved');
}

export function revokeDevice(subject: Case, body: BodyOfKind<'device.revoke'>): Promise<Ruling> {
  return decideDevice(subject, body.deviceId, 'revoked');
}

async function decideDevice(subject: Case, deviceId: string, status: 'approved' | 'revoked'): Promise<Ruling> {
  const { writing, actor } = subject;
  const { trx, at } = writing;
  const reason = whyNot({ kind: 'decide-device' }, actor, []);
  if (reason) return refuse(reason);
  const device = await trx.selectFrom('devices').selectAll().where('device_id', '=', deviceId).executeTakeFirst();
  if (!device) return refuse({ code: 'not-found', message: `no device ${deviceId} is enrolled` });
  if (device.status === 'revoked') {
    return refuse({
      code: 'out-of-turn',
      message: `device "${device.label}" was revoked: it has to enrol with a new key`,
    });
  }
  if (device.status !== status) {
    await trx
      .updateTable('devices')
      .set({ status, decided_by: actor.personId, decided_at: at })
      .where('device_id', '=', deviceId)
      .execute();
    await emitDevice(writing, deviceId);
  }
  return applied({
    summary: `${status} device "${device.label}" of ${device.person_id}`,
    followUps: [{ kind: 'device-decided', deviceId, status }],
  });
}
