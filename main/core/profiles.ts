// Owns the profiles of a data folder: which there are, making one, and which is active in solo mode. Knows no database of theirs.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { idSchema } from '../../domain/operation.ts';
import { personIdSchema, practicePeople } from '../../domain/people.ts';
import { pathsOf } from './data-folder.ts';
import { writeFileDurably } from './durable-file.ts';
import { failed, messageOf } from './failure.ts';
import { createDeviceKey, readDeviceKey } from './keys.ts';
import type { DeviceKey, KeyVault } from './keys.ts';

const storedProfileSchema = z.strictObject({
  personId: personIdSchema,
  deviceId: idSchema,
  publicKey: z.string(),
  /** What the machine calls itself, shown to the test manager who approves the device. */
  label: z.string(),
  createdAt: z.string(),
});
/** One person on this device. The profile's name is the person's id. */
export type StoredProfile = z.infer<typeof storedProfileSchema>;

/** The files of a profile. */
export function profileFiles(dataDir: string, name: string) {
  const folder = pathsOf(dataDir).profile(name);
  return {
    folder,
    profile: join(folder, 'profile.json'),
    key: join(folder, 'device.key'),
    cache: join(folder, 'cache.db'),
    outbox: join(folder, 'outbox.db'),
  };
}

/** The outboxes of all profiles of the folder, also of ones whose own file cannot be read. */
export function outboxFilesOf(dataDir: string): string[] {
  const folder = pathsOf(dataDir).profiles;
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => profileFiles(dataDir, name).outbox);
}

/** Every profile of the folder, by name. */
export function listProfiles(dataDir: string): StoredProfile[] {
  const folder = pathsOf(dataDir).profiles;
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(profileFiles(dataDir, name).profile))
    .sort()
    .map((name) => readProfile(dataDir, name));
}

/** @throws CommandFailure `not-found`, or `unavailable` when its file cannot be understood. */
export function readProfile(dataDir: string, name: string): StoredProfile {
  const file = profileFiles(dataDir, name).profile;
  if (!personIdSchema.safeParse(name).success || !existsSync(file)) {
    throw failed('not-found', `There is no profile "${name}" in ${dataDir}.`);
  }
  try {
    return storedProfileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw failed('unavailable', `The profile file ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** The profile of a person, made when it is missing. */
export function ensureProfile(dataDir: string, personId: string, vault: KeyVault): StoredProfile {
  const name = personIdSchema.safeParse(personId);
  if (!name.success) {
    const message = name.error.issues[0]?.message ?? 'this is no person id';
    throw failed('bad-input', message, { fields: [{ path: 'personId', message }] });
  }
  const files = profileFiles(dataDir, name.data);
  if (existsSync(files.profile)) return readProfile(dataDir, name.data);
  mkdirSync(files.folder, { recursive: true, mode: 0o700 });
  // The key first: without profile.json there is no profile, and so no device that could be known anywhere.
  const key = createDeviceKey(files.key, vault);
  const profile: StoredProfile = {
    personId: name.data,
    deviceId: randomUUID(),
    publicKey: key.publicKey,
    label: hostname().slice(0, 200) || 'a machine without a name',
    createdAt: new Date().toISOString(),
  };
  writeFileDurably(files.profile, `${JSON.stringify(profile, null, 2)}\n`);
  return profile;
}

/** The key of a profile. @throws CommandFailure `unavailable` when it is not the one that the profile was made with. */
export function openProfileKey(dataDir: string, profile: StoredProfile, vault: KeyVault): DeviceKey {
  const file = profileFiles(dataDir, profile.personId).key;
  const key = readDeviceKey(file, vault);
  if (key.publicKey === profile.publicKey) return key;
  throw failed(
    'unavailable',
    `The device key in ${file} is not the one that the profile "${profile.personId}" was made with.`,
  );
}

/** True for the identities of solo mode. */
export function isPracticePerson(personId: string): boolean {
  return practicePeople.some((person) => person.personId === personId);
}

const settingsSchema = z.object({ activeProfile: personIdSchema.optional(), workOffline: z.boolean().default(false) });

/** Settings of the data folder: the profile that was active last, and solo mode's "work offline". */
export type Settings = z.infer<typeof settingsSchema>;

/** Unreadable settings count as none: they are a convenience and hold nothing that a person did. */
export function readSettings(dataDir: string): Settings {
  const file = pathsOf(dataDir).settings;
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { workOffline: false };
  }
}

export function writeSettings(dataDir: string, settings: Settings): void {
  writeFileDurably(pathsOf(dataDir).settings, `${JSON.stringify(settings)}\n`);
}
