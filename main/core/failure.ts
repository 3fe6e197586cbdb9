// Owns failures as the core throws them: a Failure of the contract inside an Error, turned into data at the application's edge.
// Knows no command and no host.
import type { Failure } from '../../preload/contract.ts';

/** What a handler throws when it cannot do what was asked; the application answers with its `failure`. */
export class CommandFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = 'CommandFailure';
    this.failure = failure;
  }
}

/** A failure to throw: `throw failed('not-found', 'there is no version …')`. */
export function failed(
  kind: Failure['kind'],
  message: string,
  more: { fields?: Failure['fields']; details?: string; cause?: unknown } = {},
): CommandFailure {
  const failure: Failure = { kind, message };
  if (more.fields) failure.fields = more.fields;
  if (more.details !== undefined) failure.details = more.details;
  return new CommandFailure(failure, more.cause === undefined ? undefined : { cause: more.cause });
}

/** The failure inside an error, `cancelled` for an abort, or `unexpected` with the technical text as details. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CommandFailure) return error.failure;
  const name = error instanceof Error ? error.name : '';
  if (name === 'AbortError') return { kind: 'cancelled', message: 'This was cancelled.' };
  return { kind: 'unexpected', message: `Something went wrong: ${messageOf(error)}`, details: detailsOf(error) };
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function detailsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined
    ? (error.stack ?? error.message)
    : `${error.stack ?? error.message}\ncaused by ${detailsOf(error.cause)}`;
}
