// Owns who people are to an audit: roles, persons, devices and assignments. Knows nothing about keys or storage.
import { z } from 'zod';

/** What a person can be. Tester, test lead and test manager together are "the tester role". */
export const roles = ['tester', 'test-lead', 'test-manager', 'report-owner', 'data-owner'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** The roles that phases mean when they say "tester role". */
export const testerRoles: readonly Role[] = ['tester', 'test-lead', 'test-manager'];

/** The words a person reads for a role. */
export const roleNames: Readonly<Record<Role, string>> = {
  tester: 'tester',
  'test-lead': 'test lead',
  'test-manager': 'test manager',
  'report-owner': 'report owner',
  'data-owner': 'data owner',
};

/** A short name that stays the same for life: lower-case letters, digits, dot, dash. */
export const personIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'a person id is 1 to 64 lower-case letters, digits, dots or dashes');

export const personSchema = z.strictObject({
  personId: personIdSchema,
  name: z.string().min(1).max(200),
  /** What the person may be assigned as. */
  roles: z.array(roleSchema).min(1),
  email: z.email().optional(),
});
export type Person = z.infer<typeof personSchema>;

/**
 * The worker's own people file: the only source of who exists. `devices` lists public keys (base64url) that are
 * approved as soon as they enrol, which is how the first test manager's laptop comes in.
 */
export const peopleFileSchema = z.strictObject({
  people: z.array(personSchema.extend({ devices: z.array(z.string().min(1)).optional() })).min(1),
});
export type PeopleFile = z.infer<typeof peopleFileSchema>;

export const assignmentSchema = z.strictObject({ personId: personIdSchema, role: roleSchema });
/** One person's role in one report. */
export type Assignment = z.infer<typeof assignmentSchema>;

export const deviceStatuses = ['waiting', 'approved', 'revoked'] as const;
export type DeviceStatus = (typeof deviceStatuses)[number];

/** A laptop's profile as the store knows it. */
export interface Device {
  deviceId: string;
  personId: string;
  /** The machine's own name for itself, only a text. */
  label: string;
  /** Ed25519 public key, raw 32 bytes as base64url. */
  publicKey: string;
  status: DeviceStatus;
  enrolledAt: string;
  decidedBy: string | null;
  decidedAt: string | null;
}

/** The practice identities of solo mode. */
export const practicePeople: readonly Person[] = [
  { personId: 'mara', name: 'Mara Manager', roles: ['test-manager'] },
  { personId: 'tara', name: 'Tara Tester', roles: ['tester'] },
  { personId: 'olga', name: 'Olga Owner', roles: ['report-owner'] },
  { personId: 'lena', name: 'Lena Lead', roles: ['test-lead'] },
  { personId: 'tom', name: 'Tom Tester', roles: ['tester'] },
  { personId: 'dana', name: 'Dana Dataowner', roles: ['data-owner'] },
];
