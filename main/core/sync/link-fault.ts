// Owns what can go wrong on the way to the server, as data, and telling it from an error of the Temporal client.
// Knows error names and gRPC codes, not the client itself, so that it costs nothing to import.

/** Why a call to the server did not do what it should. */
export type LinkFault =
  /** Nobody answers, or not in time. */
  | { kind: 'unreachable'; message: string }
  /** The server does not accept this credential. */
  | { kind: 'refused'; message: string }
  /** The workflow that an operation is for: it is over, or there never was one. */
  | { kind: 'not-found'; closed: boolean; message: string }
  | { kind: 'namespace'; message: string }
  /** The server, or the worker, does not know what is asked. */
  | { kind: 'incompatible'; message: string }
  /** The server answers, but nobody does the work. */
  | { kind: 'no-worker'; message: string }
  /** The worker tried and failed. */
  | { kind: 'failed'; message: string }
  | { kind: 'cancelled'; message: string };

export type Answered<Value> = { ok: true; value: Value } | { ok: false; fault: LinkFault };

/** A time of one's own ran out: the SDK's deadlines overrun during outages. */
export class TookTooLong extends Error {
  readonly limitMs: number;

  constructor(limitMs: number) {
    super(`no answer within ${(limitMs / 1_000).toLocaleString('en')} s`);
    this.name = 'TookTooLong';
    this.limitMs = limitMs;
  }
}

const grpcCodes = {
  cancelled: 1,
  invalid: 3,
  deadline: 4,
  notFound: 5,
  permission: 7,
  exhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
};

interface GrpcLike {
  code: number;
  details: string;
}

/** The gRPC error inside an error of the client, at any depth. */
function grpcErrorIn(error: unknown): GrpcLike | null {
  for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
    const candidate = inner as Error & Partial<GrpcLike>;
    if (typeof candidate.code === 'number')
      return { code: candidate.code, details: candidate.details ?? candidate.message };
  }
  return null;
}

/** True when a workflow that is just completing or rolling over could not take a signal: worth a retry within milliseconds. */
export function isClosingFault(error: unknown): boolean {
  const grpc = grpcErrorIn(error);
  return grpc?.code === grpcCodes.exhausted && /closing/i.test(grpc.details);
}

/** True when the server could not be reached just now: another try within the second often works. */
export function isOutage(error: unknown): boolean {
  return grpcErrorIn(error)?.code === grpcCodes.unavailable;
}

/** True when the server has no workflow with that id that is open. */
export function isNotFoundFault(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'WorkflowNotFoundError' ||
      (grpcErrorIn(error)?.code === grpcCodes.notFound && !isNamespaceFault(error)))
  );
}

function isNamespaceFault(error: unknown): boolean {
  if (error instanceof Error && error.name === 'NamespaceNotFoundError') return true;
  return /namespace .*not found/i.test(grpcErrorIn(error)?.details ?? '');
}

/** What an error of the client means. @param where the address, for the message. */
export function faultOf(error: unknown, where: string): LinkFault {
  const text = error instanceof Error ? error.message : String(error);
  const grpc = grpcErrorIn(error);
  if (isNamespaceFault(error)) {
    return {
      kind: 'namespace',
      message: `The server at ${where} has no such namespace: ${grpc?.details ?? text}. Set TEMPORAL_NAMESPACE to one it has.`,
    };
  }
  if (error instanceof Error && error.name === 'AbortError') return { kind: 'cancelled', message: 'cancelled' };
  if (error instanceof Error && error.name === 'WorkflowFailedError')
    return { kind: 'failed', message: failureText(error) };
  switch (grpc?.code) {
    case grpcCodes.cancelled:
      return { kind: 'cancelled', message: 'cancelled' };
    case grpcCodes.permission:
    case grpcCodes.unauthenticated:
      return { kind: 'refused', message: `The server at ${where} does not accept this credential: ${grpc.details}` };
    case grpcCodes.unimplemented:
      return {
        kind: 'incompatible',
        message: `The server at ${where} is too old or no Temporal server: ${grpc.details}`,
      };
    case grpcCodes.invalid:
      return { kind: 'failed', message: `The server at ${where} did not take it: ${grpc.details}` };
    default:
      return { kind: 'unreachable', message: `The server at ${where} cannot be reached: ${grpc?.details ?? text}` };
  }
}

function failureText(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : null;
  const innermost = cause?.cause instanceof Error ? cause.cause : cause;
  return `The worker could not do it: ${innermost?.message ?? error.message}`;
}
