// Owns the whole list of handlers: one that is missing or wrong does not compile. Knows nothing of how they are called.
import type { Handlers } from '../../preload/contract.ts';
import type { CommandContext } from './commands-context.ts';
import { cycleHandlers } from './commands-cycle.ts';
import { peopleHandlers, profileHandlers } from './commands-people.ts';
import { populationHandlers } from './commands-population.ts';
import { readHandlers, writeHandlers } from './commands-review.ts';
import { syncHandlers } from './commands-sync.ts';

/** Every command for one profile. */
export function handlersFor(context: CommandContext): Handlers {
  return {
    ...profileHandlers(context.core),
    ...peopleHandlers(context),
    ...cycleHandlers(context),
    ...populationHandlers(context),
    ...readHandlers(context),
    ...writeHandlers(context),
    ...syncHandlers(context),
  };
}
