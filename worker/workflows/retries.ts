// Owns how often and how fast failing work is tried again (mission.md, row 16), as data: workflows and activities both read it.
// Imports nothing.

/** A policy as Temporal takes it. Without `maximumAttempts` only the world's end stops it. */
interface Retries {
  initialInterval: string;
  backoffCoefficient: number;
  maximumInterval?: string;
  maximumAttempts?: number;
}

export const retries = {
  /** One store transaction or one page: tried for some seconds, then the workflow says so and tries on, slower. */
  storeCall: { initialInterval: '50 ms', backoffCoefficient: 2, maximumInterval: '2 s', maximumAttempts: 6 },
  /** Versions, imports, reviews: what was asked for is done, however long the store is away. */
  storeWork: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '30 s' },
  /** A model: exponential; the last attempt falls back to the rules. */
  model: { initialInterval: '1 s', backoffCoefficient: 2, maximumAttempts: 3 },
  /** E-mail: fixed; the last attempt records the failure. */
  mail: { initialInterval: '5 s', backoffCoefficient: 1, maximumAttempts: 3 },
  /** A laptop waits for the answer: one more try, then it is told. */
  adoption: { initialInterval: '200 ms', backoffCoefficient: 2, maximumAttempts: 2 },
  /** A pull's worker may die once meanwhile. */
  pull: { initialInterval: '100 ms', backoffCoefficient: 2, maximumAttempts: 2 },
} as const satisfies Record<string, Retries>;
