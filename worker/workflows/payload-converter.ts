// Owns reading payloads inside the workflow sandbox: what cannot be read becomes a mark and never an exception.
// A signal that makes the converter throw would fail the workflow's task for ever (fault j of mission.md in another dress).
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadConverter } from '@temporalio/common';

/** What stands for an argument that could not be read. The store makes a dead letter of it. */
export interface Unreadable {
  unreadable: string;
}

export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Payload): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { unreadable: `the payload could not be read: ${why}` } satisfies Unreadable as T;
    }
  },
};
