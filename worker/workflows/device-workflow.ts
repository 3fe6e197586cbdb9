// Owns the enrolment of one device: enrols it, and while it waits for a person's approval stays open for that. Never sees a key.
import { defineQuery, setHandler, workflowInfo } from '@temporalio/workflow';
import { queries } from '../../domain/change.ts';
import type { Target } from '../../domain/operation.ts';
import type { DeviceStatus } from '../../domain/people.ts';
import type { AppliedBatch } from '../activities/apply-operations.ts';
import { local } from './activity-proxies.ts';
import { arrival, drain, openInbox } from './inbox.ts';

export interface DeviceInput {
  /** A SignedEnrolment; null when the workflow is started again only for an operation (revoking an approved device). */
  enrolment: unknown;
}

/** Where the device stands; also the answer of the `progress` query. `unknown` until something was decided. */
export interface DeviceOutcome {
  status: DeviceStatus | 'refused' | 'unknown';
  message: string;
}

/** Ends as soon as the device does not wait any more. Which device it is stands in its id: `device/ID`. */
export async function deviceWorkflow(input?: DeviceInput | null): Promise<DeviceOutcome> {
  const target: Target = { kind: 'device', id: workflowInfo().workflowId.replace(/^device\//, '') };
  const inbox = openInbox([]);
  let outcome: DeviceOutcome = { status: 'unknown', message: '' };
  setHandler(defineQuery<DeviceOutcome>(queries.progress), () => outcome);

  const applied = (batch: AppliedBatch): void => {
    for (const followUp of batch.followUps) {
      if (followUp.kind !== 'device-decided' || followUp.deviceId !== target.id) continue;
      outcome = { status: followUp.status, message: `the device is ${followUp.status}` };
    }
  };
  if (input?.enrolment) outcome = await local.enrol(target.id, input.enrolment);
  for (;;) {
    await drain(inbox, target, { applied });
    if (outcome.status !== 'waiting' && inbox.waiting.length === 0) return outcome;
    await arrival(inbox);
  }
}
