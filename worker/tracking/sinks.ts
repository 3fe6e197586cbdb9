// Owns the worker's end of what workflows note about themselves: it goes to the tracker, under the report that the workflow is of.
import type { InjectedSinks } from '@temporalio/worker';
import { placeOfWorkflow } from '../../domain/tracking-rules.ts';
import type { TrackingSinks } from '../workflows/tracking.ts';
import type { Tracker } from './tracker.ts';

/** Calls are made, and waited for, before the completion of the workflow's task is reported; never for what is replayed. */
export function trackingSinks(tracker: Pick<Tracker, 'note'>): InjectedSinks<TrackingSinks> {
  return {
    tracking: {
      note: {
        callDuringReplay: false,
        async fn({ workflowId }, entry) {
          const place = placeOfWorkflow(workflowId);
          if (place) await tracker.note(place.reportId, entry);
        },
      },
    },
  };
}
