// Owns what can be said about an arrival before any rule is asked: is it an operation, whose, and may that device speak.
// Knows no effect.
import { z } from 'zod';
import { canonicalJson } from '../../domain/canonical.ts';
import { idSchema, operationBodySchema } from '../../domain/operation.ts';
import type { Reason } from '../../domain/operation.ts';
import { personIdSchema } from '../../domain/people.ts';
import type { Person } from '../../domain/people.ts';
import type { Schema } from './schema.ts';
import type { Writing } from './writing.ts';

/** Something that a signal brought. It may be anything. */
export interface Incoming {
  raw: unknown;
  /** ISO-8601 UTC, by the workflow's clock. */
  receivedAt: string;
}

/** The least that lets an operation be attributed and answered, whatever else is wrong with it. */
export const envelopeSchema = z.object({
  operation: z.looseObject({
    operationId: idSchema,
    actorId: personIdSchema,
    deviceId: idSchema,
    sequence: z.int().min(1),
    decidedAt: z.iso.datetime().nullable().catch(null),
    body: z.looseObject({ kind: z.string().max(80).catch('unknown') }).catch({ kind: 'unknown' }),
  }),
  signature: z.string().max(200),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** What arrived as canonical JSON, or null when it is nothing that JSON carries. */
export function textOf(raw: unknown): string | null {
  try {
    return canonicalJson(raw);
  } catch (error) {
    // Functions, bigints, cycles: nothing a payload can carry, so there is nothing to keep but the fact.
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}

/** Why this device may not act for this person, or null when it may. */
export function whyNotAccepted(
  device: Schema['devices'],
  actor: Person | undefined,
  operation: Envelope['operation'],
): Reason | null {
  if (!actor) {
    return { code: 'unknown-person', message: `${device.person_id} is not in the people file any more` };
  }
  if (operation.actorId !== actor.personId) {
    const message = `device "${device.label}" is ${actor.name}'s and cannot speak for ${operation.actorId}`;
    return { code: 'unknown-device', message };
  }
  if (device.status !== 'approved') {
    return { code: 'device-not-approved', message: `device "${device.label}" is ${device.status}` };
  }
  return null;
}

/**
 * A device numbers its operations without reuse, so another operation with a used number is a copy of an outbox or a
 * replay: refused as malformed. A lower number that is new is no fault, because a resend may overtake.
 */
export async function whyReplayed(
  writing: Writing,
  device: Schema['devices'],
  sequence: number,
): Promise<Reason | null> {
  if (sequence > device.operation_sequence) return null;
  const used = await writing.trx
    .selectFrom('operations')
    .select('operation_id')
    .where('device_id', '=', device.device_id)
    .where('sequence', '=', sequence)
    .executeTakeFirst();
  if (!used) return null;
  return { code: 'malformed', message: `number ${sequence} of this device was used before, for ${used.operation_id}` };
}

/** What is wrong with the operation's form; null when it is as agreed. */
export function whyUnreadable(
  operation: Envelope['operation'],
  bodyText: string,
  error: z.ZodError | undefined,
): Reason | null {
  // Schemas skip an own `__proto__`; in canonical text a quote inside a string is escaped, so this finds keys only.
  if (bodyText.includes('"__proto__":')) {
    return { code: 'malformed', message: 'the operation has a field called __proto__' };
  }
  if (!error) return null;
  const { kind } = operation.body;
  const kinds: readonly string[] = operationBodySchema.options.map((option) => option.shape.kind.value);
  return kinds.includes(kind)
    ? { code: 'malformed', message: `the operation is not as agreed: ${z.prettifyError(error)}` }
    : { code: 'unknown-kind', message: `this server knows no operation "${kind}"` };
}
