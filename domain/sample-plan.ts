// Owns the words of a sample plan: what a tester asks for and what is recorded. The arithmetic is in sampling/.
import { z } from 'zod';

const rateSchema = z.number().gt(0, 'a rate is above 0 %').lt(1, 'a rate is below 100 %');

/** A seed: an integer from 0 to 2^53 - 1, written in decimal digits. */
export const seedTextSchema = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,15})$/, {
    error: 'the seed has to be an integer from 0 to 9007199254740991, in digits',
    abort: true,
  })
  .refine((text) => Number.isSafeInteger(Number(text)), 'the seed has to be at most 9007199254740991');

/** What the tester asks for. Rates are fractions: 0.05 is 5 %. */
export const samplePlanRequestSchema = z.strictObject({
  /** SHA-256 of the population's file. */
  populationHash: z.string().regex(/^[0-9a-f]{64}$/),
  keyColumn: z.string().min(1).max(300),
  /** Column whose values are the lines of business, or null for one stratum. */
  lobColumn: z.string().min(1).max(300).nullable(),
  /** Planned for this line of business alone, with a size and a limit of its own; null: over the whole. */
  lob: z.string().min(1).max(200).nullable().default(null),
  risk: rateSchema,
  tolerable: rateSchema,
  expected: z.number().min(0, 'the expected rate cannot be negative').lt(1, 'a rate is below 100 %'),
  /** Overrides the computed size upwards only (a smaller one would not support the conclusion). */
  sampleSize: z.int().min(1).nullable().default(null),
  seed: seedTextSchema,
  /** Made by the system, or given by a person. */
  seedOrigin: z.enum(['made', 'given']),
});
export type SamplePlanRequest = z.infer<typeof samplePlanRequestSchema>;

/** A recorded plan: the request, what it comes to and who recorded it. It exists before any row is shown. */
export interface RecordedPlan {
  planId: string;
  reportId: string;
  request: SamplePlanRequest;
  populationSize: number;
  method: 'hypergeometric' | 'binomial';
  sampleSize: number;
  acceptableDeviations: number;
  /** The binomial size beside it, null where no size up to 2,000 serves. */
  binomialCheck: { sampleSize: number; acceptableDeviations: number } | null;
  generator: string;
  algorithm: string;
  recordedBy: string;
  recordedAt: string;
  /** Drawn into this version, null while not drawn. */
  versionId: string | null;
}
