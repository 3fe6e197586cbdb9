// Owns the form of a rule: what one operation kind is given, and what it answers. One rule per kind; see all-rules.ts.
import type { Report } from '../../../domain/change.ts';
import type { Json } from '../../../domain/canonical.ts';
import type { ItemOutcome, OperationBody, OperationKind, Reason } from '../../../domain/operation.ts';
import type { DeviceStatus, Person } from '../../../domain/people.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { ReviewVerdict } from '../../../domain/version.ts';
import type { Writing } from '../writing.ts';

/** Work that an applied operation asks of the workflow, or news for it. Each can be repeated. */
export type FollowUp =
  | { kind: 'start-reports'; cycleId: string; reportIds: string[] }
  | { kind: 'import-population'; operationId: string; reportId: string; fileHash: string }
  | { kind: 'draw-sample'; operationId: string; reportId: string; planId: string }
  | { kind: 'revise-sample'; operationId: string; reportId: string; versionId: string }
  /** Makes the version that follows from `version.submit` with edits, or from `revision.submit` of anything but samples. */
  | {
      kind: 'make-version';
      operationId: string;
      reportId: string;
      versionId: string;
      phase: PhaseSlug;
      lob: string | null;
    }
  /** Carries out what an applied review, or the last signature, said. */
  | {
      kind: 'settle-review';
      operationId: string;
      reportId: string;
      versionId: string;
      phase: PhaseSlug;
      lob: string | null;
      verdict: ReviewVerdict;
    }
  /** Makes the version of a phase whose records are complete. */
  | { kind: 'complete-phase'; operationId: string; reportId: string; phase: PhaseSlug; lob: string | null }
  | { kind: 'read-evidence'; operationId: string; reportId: string; lob: string; documentId: string; revision: number }
  /** The flow of the report (`lob` null) or of a lane changed: the workflow reads it anew, and tells the lane. */
  | { kind: 'wake'; reportId: string; lob: string | null }
  | { kind: 'wake-reports'; reportIds: string[] }
  | { kind: 'device-decided'; deviceId: string; status: DeviceStatus };

/** True for work that is done once and has an end; the others are news, which may be told as often as wanted. */
export function isWork({ kind }: FollowUp): boolean {
  return !['start-reports', 'wake', 'wake-reports', 'device-decided'].includes(kind);
}

/** The lane whose workflow has to do a piece of work; null: the report's. Samples of one line of business are the report's. */
export function laneOf(followUp: FollowUp): string | null {
  return 'lob' in followUp ? followUp.lob : null;
}

/** The verified operation that a rule judges. */
export interface Case {
  writing: Writing;
  operationId: string;
  /** Who did it: the person of the device that signed. */
  actor: Person;
  deviceId: string;
  decidedAt: string;
  receivedAt: string;
}

export type Ruling =
  | {
      applied: true;
      /** One sentence for the timeline, in the past tense, without its actor. */
      summary: string;
      detail: { readonly [key: string]: Json };
      versionId: string | null;
      /** Items that were not applied. */
      items: ItemOutcome[];
      followUps: FollowUp[];
    }
  | { applied: false; reason: Reason; items: ItemOutcome[]; versionId: string | null };

export type BodyOfKind<Kind extends OperationKind> = Extract<OperationBody, { kind: Kind }>;
export type Rule<Kind extends OperationKind> = (subject: Case, body: BodyOfKind<Kind>) => Promise<Ruling>;
/** A rule of a report's operation gets the report, which is known to exist. */
export type ReportRule<Kind extends OperationKind> = (
  subject: Case,
  body: BodyOfKind<Kind>,
  report: Report,
) => Promise<Ruling>;

/** Nothing was done, for this reason. */
export function refuse(reason: Reason, versionId: string | null = null, items: ItemOutcome[] = []): Ruling {
  return { applied: false, reason, items, versionId };
}

/** It was done. */
export function applied(done: {
  summary: string;
  detail?: { readonly [key: string]: Json };
  versionId?: string | null;
  items?: ItemOutcome[];
  followUps?: FollowUp[];
}): Ruling {
  return {
    applied: true,
    summary: done.summary,
    detail: done.detail ?? {},
    versionId: done.versionId ?? null,
    items: done.items ?? [],
    followUps: done.followUps ?? [],
  };
}

/** `1 item`, `59 items`, `30,000 items`. */
export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
