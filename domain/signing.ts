// Owns the chain of signatures of a version that is signed off: whose signature is next, and what stands against it. Pure: asked on
// the laptop beforehand and by the store where it counts. Knows no role of a person: that is authority.ts.
import type { Reason } from './operation.ts';
import { roleNames } from './people.ts';
import type { Person, Role } from './people.ts';
import { phaseOf } from './phases.ts';
import type { SignOff, Version } from './version.ts';

/** What a signature says belongs to one role of the chain. */
export const signers: Readonly<Record<SignOff['meaning'], Role>> = {
  reviewed: 'test-lead',
  acknowledged: 'report-owner',
};

type Signed = Pick<Version, 'phase' | 'number' | 'itemCount' | 'counts' | 'signOffs'>;

/** The signatures that no edit voided, in their order. */
export function standingSignatures({ signOffs }: Pick<Version, 'signOffs'>): SignOff[] {
  return signOffs.filter((row) => row.voidedAt === null);
}

/** What the next signature of the chain says; null when all are there, or the version is none that is signed. */
export function nextMeaning(version: Pick<Version, 'phase' | 'signOffs'>): SignOff['meaning'] | null {
  const { approval, approvers } = phaseOf(version.phase);
  if (approval !== 'sign-off') return null;
  const standing = standingSignatures(version);
  const role = approvers.find((each) => !standing.some((row) => row.role === each));
  const meanings: readonly SignOff['meaning'][] = ['reviewed', 'acknowledged'];
  return meanings.find((meaning) => signers[meaning] === role) ?? null;
}

/** Why versions like this one are not signed at all, or null when they are. */
export function whyNeverSigned({ phase, itemCount }: Pick<Version, 'phase' | 'itemCount'>): Reason | null {
  const { approval, name } = phaseOf(phase);
  if (approval !== 'sign-off') return { code: 'out-of-turn', message: `versions of ${name} are not signed` };
  if (itemCount > 0) return null;
  return { code: 'empty-review', message: 'the report has no section: there is nothing to sign' };
}

/** Why a signature of this meaning is not the next of the chain, or cannot stand on these sections; null when it can. */
export function whyNotSignNow(
  version: Signed,
  meaning: SignOff['meaning'],
  person: Pick<Person, 'personId' | 'name'>,
): Reason | null {
  return whyNotNext(version, signers[meaning], person) ?? whyUndecided(version, meaning);
}

function whyNotNext(version: Signed, role: Role, { personId, name }: Pick<Person, 'personId' | 'name'>): Reason | null {
  const { number, phase } = version;
  const standing = standingSignatures(version);
  if (standing.some((row) => row.role === role)) {
    return { code: 'already-decided', message: `version ${number} was signed by its ${roleNames[role]} before` };
  }
  const chain = phaseOf(phase).approvers;
  const missing = chain.slice(0, chain.indexOf(role)).find((each) => !standing.some((row) => row.role === each));
  if (missing) {
    const message = `version ${number} waits for the signature of its ${roleNames[missing]} first`;
    return { code: 'out-of-turn', message };
  }
  return standing.some((row) => row.actorId === personId)
    ? { code: 'four-eyes', message: `${name} signed version ${number} before: another person has to` }
    : null;
}

function whyUndecided({ counts, number }: Signed, meaning: SignOff['meaning']): Reason | null {
  if (counts.rejected > 0) {
    const message = `${counts.rejected} sections of version ${number} are rejected: ask for a revision instead of signing`;
    return { code: 'incomplete', message };
  }
  // The lead's signature approves what is still undecided; nothing is left undecided for the owner's.
  if (meaning === 'reviewed' || counts.pending === 0) return null;
  return { code: 'incomplete', message: `${counts.pending} sections of version ${number} are not decided` };
}
