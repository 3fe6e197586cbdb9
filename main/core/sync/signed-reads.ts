// Owns what a laptop signs to read, upload, revive and enrol: numbered, so that nobody can replay it. Knows neither network nor feed.
import type {
  ContentsRequest,
  PullRequest,
  ReviveRequest,
  SignedContents,
  SignedEnrolment,
  SignedPull,
  SignedRevive,
  SignedUpload,
  UploadRequest,
} from '../../../domain/change.ts';
import type { DeviceKey } from '../keys.ts';
import type { StoredProfile } from '../profiles.ts';

type Asked<Request> = Omit<Request, 'actorId' | 'deviceId' | 'sequence'>;

export interface SignedReads {
  pull(asked: Asked<PullRequest>): SignedPull;
  contents(asked: Asked<ContentsRequest>): SignedContents;
  /** @param chunk base64, for a part that is a chunk. */
  upload(asked: Asked<UploadRequest>, chunk?: string): SignedUpload;
  revive(asked: Asked<ReviveRequest>): SignedRevive;
  enrolment(at: string): SignedEnrolment;
}

/** @param nextNumber gives numbers that only grow, over restarts too. */
export function createSignedReads(profile: StoredProfile, key: DeviceKey, nextNumber: () => number): SignedReads {
  const { personId: actorId, deviceId } = profile;
  const head = () => ({ actorId, deviceId, sequence: nextNumber() });
  return {
    pull(asked) {
      const request = { ...head(), ...asked };
      return { request, signature: key.sign('pull', request) };
    },
    contents(asked) {
      const request = { ...head(), ...asked };
      return { request, signature: key.sign('contents', request) };
    },
    upload(asked, chunk) {
      const request = { ...head(), ...asked };
      return { request, signature: key.sign('upload', request), ...(chunk === undefined ? {} : { chunk }) };
    },
    revive(asked) {
      const request = { ...head(), ...asked };
      return { request, signature: key.sign('revive', request) };
    },
    enrolment(at) {
      const enrolment = {
        deviceId,
        personId: actorId,
        label: profile.label,
        publicKey: profile.publicKey,
        requestedAt: at,
      };
      return { enrolment, signature: key.sign('enrolment', enrolment) };
    },
  };
}
