// Owns when the work of a phase that nobody reviews is complete, and when a sample per line of business is. Pure: the screen asks
// beforehand, the worker where it counts.
import { actionKey, assignmentKey } from './audit-record.ts';
import type { AuditRecord } from './audit-record.ts';
import type { Reason } from './operation.ts';

type LatestRecord = Pick<AuditRecord, 'recordKey' | 'body'>;

/** What a phase wants done, and what is done. `records` are the latest revisions of the phase (of this line of business). */
export type PhaseWork =
  | {
      phase: 'data-owner-id';
      /** Lines of business that are not cancelled. */
      lobs: readonly string[];
      /** Attributes in scope. */
      attributes: readonly string[];
      records: readonly LatestRecord[];
    }
  | { phase: 'request-info'; records: readonly LatestRecord[] }
  | {
      phase: 'test-execution';
      /** Keys of the approved samples of this line of business. */
      samples: readonly string[];
      attributes: readonly string[];
      records: readonly LatestRecord[];
    }
  | {
      /** Planned per line of business. */
      phase: 'sample-selection';
      /** Those that are not cancelled. `withoutSamples`: why a person said that it gets none; null when nobody did. */
      lobs: readonly { lob: string; approved: boolean; withoutSamples: string | null }[];
    };

/** Why the phase cannot be completed now, for a person, naming at most ten things that are missing; null when it can. */
export function whyNotComplete(work: PhaseWork): Reason | null {
  switch (work.phase) {
    case 'data-owner-id':
      return whyOwnersMissing(work);
    case 'request-info':
      return whyDocumentsOpen(work.records);
    case 'test-execution':
      return whyTestsMissing(work);
    case 'sample-selection':
      return whySamplesMissing(work.lobs);
  }
}

const incomplete = (message: string): Reason => ({ code: 'incomplete', message });

const noAttributes = incomplete(
  'no attribute is in scope, so there is nothing to record: a test manager can skip this phase',
);

function whyOwnersMissing(work: Extract<PhaseWork, { phase: 'data-owner-id' }>): Reason | null {
  const { lobs, attributes, records } = work;
  if (attributes.length === 0) return noAttributes;
  const assigned = new Set(records.map(({ recordKey }) => recordKey));
  const missing = lobs.flatMap((lob) =>
    attributes
      .filter((attribute) => !assigned.has(assignmentKey(lob, attribute)))
      .map((attribute) => `${attribute} of ${lob}`),
  );
  return missing.length === 0
    ? null
    : incomplete(`${counted(missing, 'attribute')} without a data owner: ${named(missing)}`);
}

function whyDocumentsOpen(records: readonly LatestRecord[]): Reason | null {
  if (records.length === 0) return incomplete('no document was handed in yet: at least one is needed');
  const inState = (state: string): string[] =>
    records.filter(({ body }) => body['state'] === state).map(({ body }) => String(body['title']));
  const waiting = inState('submitted');
  if (waiting.length > 0) {
    return incomplete(`${counted(waiting, 'document')} not accepted or rejected yet: ${named(waiting)}`);
  }
  const rejected = inState('rejected');
  return rejected.length === 0
    ? null
    : incomplete(`${counted(rejected, 'document')} rejected and not handed in again: ${named(rejected)}`);
}

function whyTestsMissing(work: Extract<PhaseWork, { phase: 'test-execution' }>): Reason | null {
  const { samples, attributes, records } = work;
  if (attributes.length === 0) return noAttributes;
  if (samples.length === 0) {
    return incomplete('there is no approved sample to test: a test manager can skip this phase');
  }
  const tested = new Set(records.map(({ recordKey }) => recordKey));
  const missing = samples.flatMap((itemKey) =>
    attributes
      .filter((attribute) => !tested.has(actionKey(itemKey, attribute)))
      .map((attribute) => `${attribute} of ${itemKey}`),
  );
  return missing.length === 0 ? null : incomplete(`${counted(missing, 'test action')} missing: ${named(missing)}`);
}

function whySamplesMissing(lobs: Extract<PhaseWork, { phase: 'sample-selection' }>['lobs']): Reason | null {
  const missing = lobs.filter(({ approved, withoutSamples }) => !approved && withoutSamples === null);
  if (missing.length > 0) {
    const names = missing.map(({ lob }) => lob);
    const lines = `${names.length.toLocaleString('en')} ${names.length === 1 ? 'line' : 'lines'} of business`;
    return incomplete(`${lines} with neither an approved sample nor a reason for having none: ${named(names)}`);
  }
  return lobs.some(({ approved }) => approved)
    ? null
    : incomplete('no line of business has an approved sample: a test manager can skip this phase instead');
}

function counted(missing: readonly string[], noun: string): string {
  return `${missing.length.toLocaleString('en')} ${noun}${missing.length === 1 ? '' : 's'}`;
}

function named(missing: readonly string[]): string {
  const shown = missing.slice(0, 10).join(', ');
  return missing.length > 10 ? `${shown} and ${(missing.length - 10).toLocaleString('en')} more` : shown;
}
