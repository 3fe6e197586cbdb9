// Owns what a worker program is told at its start: one JSON line on its stdin. Knows neither host nor worker.
import { z } from 'zod';

/** How one worker process is to run. Folders are absolute paths; `address` is `host:port`. */
export const workerConfigSchema = z.strictObject({
  /** `solo`: practice identities on one machine. `team`: people come from `peopleFile`. */
  mode: z.enum(['solo', 'team']),
  address: z.string().min(1),
  namespace: z.string().min(1),
  /** The worker's own data: version store, populations. */
  dataDir: z.string().min(1),
  /** Where a host on the same machine puts files that are handed over by path and hash. */
  handoverDir: z.string().min(1).optional(),
  peopleFile: z.string().min(1).optional(),
  /** A workflow bundle that was built beforehand; without it the worker bundles its sources once and keeps that. */
  workflowBundleFile: z.string().min(1).optional(),
});
export type WorkerConfig = z.infer<typeof workerConfigSchema>;

/** What a worker prints as JSON lines on stdout for its host. Anything else on stdout is log text. */
export const workerEventSchema = z.discriminatedUnion('event', [
  /** It polls: work sent from now on is done. */
  z.strictObject({ event: z.literal('ready') }),
]);
export type WorkerEvent = z.infer<typeof workerEventSchema>;
