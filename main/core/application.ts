// Owns the core's edge: one object in, one Result out, events to subscribers. The only place that catches everything.
// Knows no transport and no host.
import { commands } from '../../preload/contract.ts';
import type { CommandName, CoreEvent, Failure, Handlers, Result } from '../../preload/contract.ts';
import { handlersFor } from './commands/commands.ts';
import { profileHandlers } from './commands/people.ts';
import { openCore } from './core.ts';
import type { Core, CoreOptions } from './core.ts';
import { pathsOf } from './data-folder.ts';
import { failed, failureOf, messageOf } from './failure.ts';
import { isDiskFault } from './durable-file.ts';
import { isNotSaved } from './sqlite.ts';
import type { Session } from './session.ts';

export interface Application {
  /** Validates with the contract and never throws. `as.profile` asks as another profile of this data folder. */
  invoke(name: string, input: unknown, as?: { profile?: string }): Promise<Result<unknown>>;
  /** Events of the active profile, at most 20 of a kind a second. */
  subscribe(listener: (event: CoreEvent) => void): () => void;
  /** Streams a file to the data folder, hashing it on the way, for the active profile. */
  receive(
    meta: { fileName: string; totalBytes: number | null; reportId: string },
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<Result<{ importId: string }>>;
  solo: boolean;
  /** The only folder whose files a page may name by their paths. */
  practiceDir: string;
  close(): Promise<void>;
}

export type ApplicationOptions = CoreOptions;

/**
 * Opens the core on a data folder. The caller holds the folder's lock (`lockDataFolder`).
 * @throws CommandFailure when the folder, the profile or its files cannot be used.
 */
export async function openApplication(options: ApplicationOptions): Promise<Application> {
  const core = openCore(options);
  const kept = new WeakMap<Session, Handlers>();
  const handlersOf = (session: Session): Handlers => {
    const handlers = kept.get(session) ?? handlersFor({ core, session });
    kept.set(session, handlers);
    return handlers;
  };
  const guarded = async <Value>(what: string, work: () => Promise<Value> | Value): Promise<Result<Value>> => {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      const failure = edgeFailure(error);
      if (failure.kind === 'unexpected') options.log(`${what} failed: ${failure.details ?? failure.message}`);
      return { ok: false, error: failure };
    }
  };
  return {
    solo: core.solo,
    practiceDir: pathsOf(core.dataDir).practice,
    subscribe: core.subscribe,
    close: core.close,
    invoke: (name, input, as) => guarded(name, () => run(core, handlersOf, name, input, as?.profile)),
    receive: (meta, body, signal) =>
      guarded('receiving a file', async () => {
        const { importId } = await activeOf(core).imports.receive(meta, body, signal);
        return { importId };
      }),
  };
}

/** Commands that make sense before anybody said who they are. */
const withoutProfile: readonly string[] = ['profile:list', 'profile:create', 'profile:switch'];

function run(
  core: Core,
  handlersOf: (session: Session) => Handlers,
  name: string,
  input: unknown,
  profile?: string,
): unknown {
  if (!Object.hasOwn(commands, name)) throw failed('bad-input', `There is no command "${name}".`);
  const command = name as CommandName;
  const parsed = commands[command].input.safeParse(input ?? {});
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    throw failed(
      'bad-input',
      `${name}: ${fields.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')}`,
      { fields },
    );
  }
  const handlers =
    profile === undefined && core.active() === null && withoutProfile.includes(name)
      ? profileHandlers(core)
      : handlersOf(profile === undefined ? activeOf(core) : core.session(profile));
  // The contract's types tie name, input and handler together; this is where the tie is made from data.
  const handler = handlers[command as keyof typeof handlers] as (input: unknown) => unknown;
  return handler(parsed.data);
}

function activeOf(core: Core): Session {
  const session = core.active();
  if (session) return session;
  throw failed(
    'unavailable',
    'Nobody said yet who sits here: make a profile first (profile:create, or start with --profile NAME).',
  );
}

/** What could not be written is "not saved", whoever tried to write it. */
function edgeFailure(error: unknown): Failure {
  if (!isNotSaved(error) && !isDiskFault(error)) return failureOf(error);
  const { details } = failureOf(error);
  return {
    kind: 'not-saved',
    message: `This was not saved on this machine (${messageOf(error)}). Make room on the disk, see that the data folder can be written, and try again.`,
    ...(details === undefined ? {} : { details }),
  };
}
