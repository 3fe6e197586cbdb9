// Owns what every reading and drafting module is given: one profile's two files and who sits at it. Knows no screen.
import type { Cache } from '../cache/cache.ts';
import type { Outbox } from '../outbox/outbox.ts';

/** One person at one laptop. */
export interface Desk {
  cache: Cache;
  outbox: Outbox;
  personId: string;
  /** The time, ISO-8601 UTC. */
  now(): string;
}
