// Owns the list of damaged files that a person was not told of yet. It outlives the process that found them: that may have
// been a terminal's command of a second. Knows neither how damage is found nor what is done about it.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Damage } from '../../preload/contract.ts';
import { failed } from './failure.ts';
import type { Outbox } from './outbox/outbox.ts';

type Settings = Pick<Outbox, 'setting' | 'setSetting'>;

const setting = 'damages';
const damagesSchema = z.array(
  z.strictObject({
    damageId: z.string(),
    what: z.enum(['outbox', 'cache']),
    foundAt: z.string(),
    file: z.string(),
    message: z.string(),
  }),
);

/** Damages that nobody acknowledged, oldest first. */
export function openDamages(outbox: Settings): Damage[] {
  // A salvaged setting may be anything; the files themselves still lie where they were set aside.
  return damagesSchema.safeParse(outbox.setting(setting)).data ?? [];
}

export function noteDamage(outbox: Settings, found: Omit<Damage, 'damageId'>): void {
  keep(outbox, [...openDamages(outbox), { damageId: randomUUID(), ...found }]);
}

/** @throws CommandFailure `not-found`. */
export function acknowledgeDamage(outbox: Settings, damageId: string): void {
  const open = openDamages(outbox);
  const left = open.filter((damage) => damage.damageId !== damageId);
  if (left.length === open.length) throw failed('not-found', 'This was acknowledged before.');
  keep(outbox, left);
}

function keep(outbox: Settings, damages: readonly Damage[]): void {
  outbox.setSetting(
    setting,
    damages.map((damage) => ({ ...damage })),
  );
}
