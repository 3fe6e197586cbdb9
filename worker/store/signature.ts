// Owns the proof of who says something: Ed25519 over canonical JSON with an enrolled device's key.
// Knows no role; who may do what is decided after this.
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { signedText } from '../../domain/operation.ts';
import type { Person } from '../../domain/people.ts';
import { readPerson } from './people.ts';
import type { Schema } from './schema.ts';

const keptKeys = new Map<string, KeyObject>();
const keptKeysLimit = 1_000;

/** The key of raw 32 bytes in base64url; null when it is none. */
function keyOf(publicKey: string): KeyObject | null {
  const kept = keptKeys.get(publicKey);
  if (kept) return kept;
  if (Buffer.from(publicKey, 'base64url').length !== 32) return null;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  if (keptKeys.size >= keptKeysLimit) keptKeys.clear();
  keptKeys.set(publicKey, key);
  return key;
}

/** True when the text is an Ed25519 public key as devices bring it. */
export function isPublicKey(publicKey: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(publicKey) && keyOf(publicKey) !== null;
}

/** True when the key signed exactly this content for this purpose. Never throws on bad input. */
export function isSigned(
  purpose: Parameters<typeof signedText>[0],
  content: unknown,
  signature: string,
  publicKey: string,
): boolean {
  const key = keyOf(publicKey);
  const bytes = Buffer.from(signature, 'base64url');
  if (!key || bytes.length !== 64) return false;
  return verify(null, Buffer.from(signedText(purpose, content)), key, bytes);
}

/** Who stands behind a request for reading or uploading, or why nobody does. */
export type Authentication =
  | { ok: true; person: Person; device: Schema['devices'] }
  | {
      ok: false;
      code: 'unknown-person' | 'unknown-device' | 'device-waiting' | 'device-revoked' | 'bad-signature';
      message: string;
    };

/** Checks device, signature, person and approval of a request. */
export async function authenticate(
  db: Kysely<Schema>,
  purpose: 'pull' | 'contents' | 'upload' | 'revive',
  request: { actorId: string; deviceId: string },
  signature: string,
): Promise<Authentication> {
  const { actorId, deviceId } = request;
  const device = await db.selectFrom('devices').selectAll().where('device_id', '=', deviceId).executeTakeFirst();
  if (!device || device.person_id !== actorId) {
    const person = await readPerson(db, actorId);
    return person
      ? { ok: false, code: 'unknown-device', message: `${person.name} has no enrolled device ${deviceId}` }
      : { ok: false, code: 'unknown-person', message: `nobody is called ${actorId} here` };
  }
  if (!isSigned(purpose, request, signature, device.public_key)) {
    return { ok: false, code: 'bad-signature', message: `the signature is not of device ${deviceId}` };
  }
  const person = await readPerson(db, actorId);
  if (!person) return { ok: false, code: 'unknown-person', message: `${actorId} is no longer in the people file` };
  if (device.status === 'waiting') {
    const message = `device "${device.label}" waits for a test manager to approve it`;
    return { ok: false, code: 'device-waiting', message };
  }
  if (device.status === 'revoked') {
    return { ok: false, code: 'device-revoked', message: `device "${device.label}" was revoked` };
  }
  return { ok: true, person, device };
}
