// Owns the records of the audit-only phases (assignments, documents, test actions) and when each may be written.
// Each change is a new revision: nothing is overwritten. Knows no storage.
import { z } from 'zod';
import { noteSchema } from './decision.ts';
import { personIdSchema } from './people.ts';
import type { Reason } from './operation.ts';
import type { PhaseSlug } from './phases.ts';
import type { ItemBody } from './version.ts';

export type AuditPhase = Extract<PhaseSlug, 'data-owner-id' | 'request-info' | 'test-execution'>;

/** One revision of one record. The latest revision of a key is what counts; the others are its history. Times are ISO-8601 UTC. */
export interface AuditRecord {
  reportId: string;
  phase: AuditPhase;
  /** Null in data owner identification, whose keys name the LOB. */
  lob: string | null;
  /** Of `assignmentKey`, the document's id, or of `actionKey`. */
  recordKey: string;
  /** 1 for the first, gapless per key. */
  revision: number;
  /** An `AssignmentBody`, `DocumentBody` or `TestActionBody`: flat, so that versions and comparisons treat it as any item. */
  body: ItemBody;
  /** Why it was changed; empty for a first revision. */
  reason: string;
  actorId: string;
  operationId: string;
  decidedAt: string;
  receivedAt: string;
  appliedAt: string;
}

/** Keys are readable and unambiguous: a slash in a part is escaped. */
const part = (text: string): string => encodeURIComponent(text);
export function assignmentKey(lob: string, attribute: string): string {
  return `${part(lob)}/${part(attribute)}`;
}
export function actionKey(itemKey: string, attribute: string): string {
  return `${part(itemKey)}/${part(attribute)}`;
}

/** Who answers for an attribute in a line of business. */
export type AssignmentBody = { lob: string; attribute: string; dataOwnerId: string; dataOwner: string };

export const documentStates = ['submitted', 'accepted', 'rejected'] as const;
/** A document's revision: the file by its SHA-256, and what the tester said of it. */
export type DocumentBody = {
  title: string;
  fileName: string;
  fileHash: string;
  fileSize: number;
  /** The day it speaks of, `YYYY-MM-DD`. */
  effectiveDate: string;
  state: (typeof documentStates)[number];
  submittedBy: string;
  /** How many files were handed in under this document so far. */
  submission: number;
  note: string;
};

export const testResults = ['pass', 'fail', 'not-testable'] as const;
export type TestResult = (typeof testResults)[number];
/** What testing one attribute of one sample came to. */
export type TestActionBody = {
  itemKey: string;
  attribute: string;
  /** From the population, as the sample has it; null for an empty value. */
  expected: string | number | boolean | null;
  /** From the evidence; null when nothing was found. */
  found: string | number | boolean | null;
  result: TestResult;
  /** Why it is not testable; empty otherwise. */
  notTestableReason: string;
  documentId: string | null;
  documentRevision: number | null;
  /** Where in the document: "row 12", "page 3". */
  locator: string;
  note: string;
  /** Whether the sample was drawn at random: only those support a limit. */
  random: boolean;
};

/** A failure, and what cannot be tested, count as deviations (AS 2315.40). */
export function isDeviation(result: TestResult): boolean {
  return result !== 'pass';
}

const scalarSchema = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]);
const textSchema = z.string().max(300);

export const ownerAssignmentSchema = z.strictObject({
  lob: textSchema.min(1),
  attribute: textSchema.min(1),
  dataOwnerId: personIdSchema,
  /** The revision that the screen showed; 0 when there was none. */
  seenRevision: z.int().min(0),
  reason: noteSchema.default(''),
});
export type OwnerAssignment = z.infer<typeof ownerAssignmentSchema>;

export const evidenceLinkSchema = z.strictObject({
  documentId: z.string().min(1).max(80),
  revision: z.int().min(1),
  locator: textSchema.default(''),
});

export const testActionSchema = z
  .strictObject({
    itemKey: z.string().min(1).max(500),
    /** Content hash of the sample as the screen showed it. */
    contentHash: z.string().regex(/^[0-9a-f]{64}$/),
    attribute: textSchema.min(1),
    found: scalarSchema,
    result: z.enum(testResults),
    notTestableReason: noteSchema.default(''),
    evidence: evidenceLinkSchema.nullable().default(null),
    note: noteSchema.default(''),
    /** The revision that the screen showed; 0 for an action that was not tested yet. */
    seenRevision: z.int().min(0),
    /** Why an earlier response is changed. */
    reason: noteSchema.default(''),
  })
  .superRefine((action, context) => {
    for (const problem of actionProblems(action)) context.addIssue({ code: 'custom', ...problem });
  });
export type TestAction = z.infer<typeof testActionSchema>;

type Stated = Pick<TestAction, 'found' | 'result' | 'notTestableReason' | 'seenRevision' | 'reason'>;

/** What is wrong with a test action in itself, as messages for a person; empty when nothing is. */
export function actionProblems(action: Stated): { path: string[]; message: string }[] {
  const problems: { path: string[]; message: string }[] = [];
  if (action.result === 'not-testable' && action.notTestableReason.trim() === '') {
    problems.push({
      path: ['notTestableReason'],
      message: 'what cannot be tested needs a reason: it counts as a deviation',
    });
  }
  if (action.result !== 'not-testable' && action.notTestableReason !== '') {
    problems.push({ path: ['notTestableReason'], message: 'only what is not testable carries this reason' });
  }
  if (action.seenRevision > 0 && action.reason.trim() === '') {
    problems.push({ path: ['reason'], message: 'changing a response needs a reason' });
  }
  return problems;
}

/** What a test action is judged by: where the sample, the evidence and the phase stand. */
export interface TestFacts {
  /** From the population. */
  expected: ItemBody[string];
  /** The line of business asked for documents, so that a result rests on one of them. */
  evidenceNeeded: boolean;
  /** The named revision of the named document is one that a tester accepted. */
  evidenceAccepted: boolean;
}

/** Why a test action does not hold against what is known, or null when it does. Its form is `testActionSchema`'s. */
export function whyNotTested(
  action: Pick<TestAction, 'attribute' | 'found' | 'result' | 'evidence' | 'note'>,
  facts: TestFacts,
): Reason | null {
  const { attribute, found, result, evidence } = action;
  if (evidence && !facts.evidenceAccepted) {
    const message = `revision ${evidence.revision} of the document ${evidence.documentId} is not an accepted document here: name one that was accepted`;
    return { code: 'evidence-missing', message };
  }
  if (!evidence && result !== 'not-testable' && facts.evidenceNeeded) {
    const message = `${attribute}: "${result}" needs the document that shows it; without one it is not testable`;
    return { code: 'evidence-missing', message };
  }
  if (result === 'pass' && !sameValue(facts.expected, found) && action.note.trim() === '') {
    const message = `${attribute}: passed although ${shown(found)} was found and ${shown(facts.expected)} expected: a note has to say why`;
    return { code: 'reason-missing', message };
  }
  return null;
}

function shown(value: ItemBody[string]): string {
  return value === null || value === '' ? 'nothing' : JSON.stringify(value);
}

/**
 * True when two values mean the same. Texts without the white space around them, and to the letter: `007` is not `7`. A number, or
 * a truth value, also equals the text that says it: files carry texts.
 */
export function sameValue(expected: ItemBody[string], found: ItemBody[string]): boolean {
  const [left, right] = [plain(expected), plain(found)];
  if (typeof left === 'string' && typeof right === 'number') return numberOf(left) === right;
  if (typeof left === 'number' && typeof right === 'string') return left === numberOf(right);
  if (typeof left === 'string' && typeof right === 'boolean') return left.toLowerCase() === String(right);
  if (typeof left === 'boolean' && typeof right === 'string') return String(left) === right.toLowerCase();
  return left === right;
}

function plain(value: ItemBody[string]): ItemBody[string] {
  if (typeof value !== 'string') return value;
  const text = value.trim().normalize('NFC');
  return text === '' ? null : text;
}

/** The number that a text is; null when it is none, or has more than the 15 digits that a number keeps. */
function numberOf(text: string): number | null {
  if (!/^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/u.test(text)) return null;
  const digits = text
    .replace(/[eE].*$/u, '')
    .replace(/[-.]/gu, '')
    .replace(/^0+/u, '');
  return digits.length <= 15 ? Number(text) : null;
}
