// When recorded work is complete: what is missing is named, and nothing at all is never complete.
import { describe, expect, it } from 'vitest';
import { actionKey, assignmentKey } from '../../domain/audit-record.ts';
import { whyNotComplete } from '../../domain/completion.ts';
import type { PhaseWork } from '../../domain/completion.ts';

const lobs = ['Cards', 'Trust'];
const attributes = ['AMOUNT', 'RATE'];
const assigned = (pairs: [string, string][]) =>
  pairs.map(([lob, attribute]) => ({ recordKey: assignmentKey(lob, attribute), body: { lob, attribute } }));
const everyOwner = assigned(lobs.flatMap((lob) => attributes.map((attribute): [string, string] => [lob, attribute])));

const documents = (...states: string[]) =>
  states.map((state, index) => ({ recordKey: `document-${index}`, body: { title: `Extract ${index + 1}`, state } }));
const tested = (keys: string[], of = attributes) =>
  keys.flatMap((itemKey) => of.map((attribute) => ({ recordKey: actionKey(itemKey, attribute), body: {} })));

type Case = [string, PhaseWork, string | null];
const cases: Case[] = [
  ['every pair has an owner', { phase: 'data-owner-id', lobs, attributes, records: everyOwner }, null],
  [
    'one pair has none',
    { phase: 'data-owner-id', lobs, attributes, records: everyOwner.slice(0, 3) },
    '1 attribute without a data owner: RATE of Trust',
  ],
  [
    'owners of other lines do not help',
    { phase: 'data-owner-id', lobs: ['Cards/Gold'], attributes: ['A'], records: assigned([['Cards', 'Gold/A']]) },
    '1 attribute without a data owner: A of Cards/Gold',
  ],
  [
    'no attribute is in scope',
    { phase: 'data-owner-id', lobs, attributes: [], records: [] },
    'no attribute is in scope, so there is nothing to record: a test manager can skip this phase',
  ],
  ['all documents are accepted', { phase: 'request-info', records: documents('accepted', 'accepted') }, null],
  [
    'no document is there',
    { phase: 'request-info', records: [] },
    'no document was handed in yet: at least one is needed',
  ],
  [
    'a document waits',
    { phase: 'request-info', records: documents('accepted', 'submitted', 'rejected') },
    '1 document not accepted or rejected yet: Extract 2',
  ],
  [
    'rejected ones were not handed in again',
    { phase: 'request-info', records: documents('rejected', 'accepted', 'rejected') },
    '2 documents rejected and not handed in again: Extract 1, Extract 3',
  ],
  ['all is tested', { phase: 'test-execution', samples: ['1', '2'], attributes, records: tested(['1', '2']) }, null],
  [
    'one action is missing',
    { phase: 'test-execution', samples: ['1', '2'], attributes, records: tested(['1', '2']).slice(1) },
    '1 test action missing: AMOUNT of 1',
  ],
  [
    'no sample is there',
    { phase: 'test-execution', samples: [], attributes, records: [] },
    'there is no approved sample to test: a test manager can skip this phase',
  ],
  [
    'no attribute is to be tested',
    { phase: 'test-execution', samples: ['1'], attributes: [], records: [] },
    'no attribute is in scope, so there is nothing to record: a test manager can skip this phase',
  ],
  [
    'every line has samples or a reason',
    {
      phase: 'sample-selection',
      lobs: [
        { lob: 'Cards', approved: true, withoutSamples: null },
        { lob: 'Trust', approved: false, withoutSamples: 'closed in May' },
      ],
    },
    null,
  ],
  [
    'lines have neither samples nor a reason',
    {
      phase: 'sample-selection',
      lobs: [
        { lob: 'Cards', approved: true, withoutSamples: null },
        { lob: 'Trust', approved: false, withoutSamples: null },
        { lob: 'Loans', approved: false, withoutSamples: null },
      ],
    },
    '2 lines of business with neither an approved sample nor a reason for having none: Trust, Loans',
  ],
  [
    'all lines were left out',
    { phase: 'sample-selection', lobs: [{ lob: 'Trust', approved: false, withoutSamples: 'closed' }] },
    'no line of business has an approved sample: a test manager can skip this phase instead',
  ],
];

describe('recorded work', () => {
  it.each(cases)('when %s', (_name, work, message) => {
    expect(whyNotComplete(work)).toEqual(message === null ? null : { code: 'incomplete', message });
  });

  it('names the first ten things that are missing and counts all', () => {
    const samples = Array.from({ length: 600 }, (_, index) => String(index + 1));
    const reason = whyNotComplete({ phase: 'test-execution', samples, attributes, records: [] });
    expect(reason?.message).toBe(
      '1,200 test actions missing: AMOUNT of 1, RATE of 1, AMOUNT of 2, RATE of 2, AMOUNT of 3, RATE of 3, AMOUNT of 4, RATE of 4, AMOUNT of 5, RATE of 5 and 1,190 more',
    );
  });
});
