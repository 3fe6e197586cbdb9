// Owns the whole list of handlers: one that is missing or wrong does not compile. Knows nothing of how they are called.
import type { Handlers } from '../../../preload/contract.ts';
import type { CommandContext } from './context.ts';
import { controlHandlers } from './control.ts';
import { cycleHandlers } from './cycle.ts';
import { documentHandlers } from './documents.ts';
import { peopleHandlers, profileHandlers } from './people.ts';
import { notificationHandlers, phaseHandlers } from './phase.ts';
import { populationHandlers } from './population.ts';
import { practiceHandlers } from './practice.ts';
import { recordHandlers } from './records.ts';
import { readHandlers, writeHandlers } from './review.ts';
import { syncHandlers } from './sync.ts';
import { trackingHandlers } from './tracking.ts';

/** Every command for one profile. */
export function handlersFor(context: CommandContext): Handlers {
  return {
    ...profileHandlers(context.core),
    ...peopleHandlers(context),
    ...cycleHandlers(context),
    ...controlHandlers(context),
    ...phaseHandlers(context),
    ...trackingHandlers(context),
    ...notificationHandlers(context),
    ...populationHandlers(context),
    ...practiceHandlers(context),
    ...documentHandlers(context),
    ...recordHandlers(context),
    ...readHandlers(context),
    ...writeHandlers(context),
    ...syncHandlers(context),
  };
}
