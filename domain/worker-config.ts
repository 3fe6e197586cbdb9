// Owns what a worker program is told at its start: one JSON line on its stdin. Knows neither host nor worker.
import { z } from 'zod';

/** A model behind an OpenAI-compatible endpoint: `POST {url}/chat/completions`. */
export const modelConfigSchema = z.strictObject({ url: z.url(), model: z.string().min(1), key: z.string().optional() });
export type ModelConfig = z.infer<typeof modelConfigSchema>;

/** Where e-mail goes out: an `smtp://` or `smtps://` address with its credential, and who sends. */
export const mailConfigSchema = z.strictObject({ url: z.url(), from: z.string().min(3) });
export type MailConfig = z.infer<typeof mailConfigSchema>;

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
  /** Without it the rules on the profile recommend samples. */
  model: modelConfigSchema.optional(),
  /** Without it notifications are shown in the application only. */
  mail: mailConfigSchema.optional(),
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
