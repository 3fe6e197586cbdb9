// Owns what a worker program is told at its start: one JSON line on its stdin. Knows neither host nor worker.
import { z } from 'zod';

/** A model behind an OpenAI-compatible endpoint: `POST {url}/chat/completions`. */
export const modelConfigSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'has to be of the form https://HOST/v1' }),
  model: z.string().min(1),
  key: z.string().optional(),
});
export type ModelConfig = z.infer<typeof modelConfigSchema>;

/** Where e-mail goes out: an `smtp://` or `smtps://` address with its credential, and who sends. */
export const mailConfigSchema = z.strictObject({
  url: z.url({ protocol: /^smtps?$/, error: 'has to be of the form smtp://USER:PASSWORD@HOST:PORT or smtps://…' }),
  from: z.string().regex(/.@./, 'has to hold an e-mail address'),
});
export type MailConfig = z.infer<typeof mailConfigSchema>;

/** What a worker may use outside of the machine; each is left out where it is not configured. */
export const servicesSchema = z.strictObject({
  model: modelConfigSchema.optional(),
  mail: mailConfigSchema.optional(),
});
export type Services = z.infer<typeof servicesSchema>;

/** The names in an environment that configure services: of the worker a host starts, and of one that is started alone. */
export const serviceVariables = {
  model: { url: 'COUNTERSIGN_LLM_URL', model: 'COUNTERSIGN_LLM_MODEL', key: 'COUNTERSIGN_LLM_KEY' },
  mail: { url: 'COUNTERSIGN_SMTP_URL', from: 'COUNTERSIGN_MAIL_FROM' },
} as const;

/**
 * The services that an environment configures. One that is half or wrongly configured is left out and named in `faults`, for people:
 * what stands in the variables is never repeated, for it may be a secret.
 */
export function servicesFrom(env: Readonly<Record<string, string | undefined>>): {
  services: Services;
  faults: string[];
} {
  const services: Services = {};
  const faults: string[] = [];
  for (const name of ['model', 'mail'] as const) {
    const variables = Object.entries(serviceVariables[name]);
    const given = variables.filter(([, variable]) => env[variable]);
    if (given.length === 0) continue;
    const values = Object.fromEntries(given.map(([field, variable]) => [field, env[variable]]));
    const parsed = servicesSchema.safeParse({ [name]: values });
    if (parsed.success) Object.assign(services, parsed.data);
    else
      faults.push(...parsed.error.issues.map(({ path, message }) => faultOf(variables, values, path.at(-1), message)));
  }
  return { services, faults };
}

function faultOf(
  variables: readonly [field: string, variable: string][],
  values: Readonly<Record<string, unknown>>,
  field: PropertyKey | undefined,
  message: string,
): string {
  const name = variables.find(([each]) => each === field)?.[1] ?? '';
  if (String(field) in values) return `${name} ${message}`;
  const set = variables.flatMap(([each, variable]) => (each in values ? [variable] : []));
  return `${name} is missing: ${set.join(' and ')} alone will not do`;
}

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
