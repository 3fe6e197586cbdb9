// Owns the handlers for what the workflows of reports do and did. What they are told to do is control.ts.
import type { CommandContext, HandlerGroup } from './context.ts';
import { explainLife } from '../desk/timeline.ts';
import { listTracking, trackingNow } from '../desk/tracking.ts';
import { listWorkflows } from '../desk/workflows.ts';

type Names = 'tracking:get' | 'tracking:list' | 'workflow:list' | 'timeline:explain';

export function trackingHandlers({ session: desk }: CommandContext): HandlerGroup<Names> {
  return {
    'tracking:get': (input) => trackingNow(desk, input),
    'tracking:list': (input) => listTracking(desk, input),
    'workflow:list': () => listWorkflows(desk),
    'timeline:explain': (input) => explainLife(desk, input),
  };
}
