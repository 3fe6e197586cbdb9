// What the next version consists of: a table for each kind of change, and what holds for all of them whatever is wanted.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { contentHash } from '../../domain/canonical.ts';
import type { ReasonCode, Verdict } from '../../domain/decision.ts';
import { filledFields, whyNotFields } from '../../domain/item-fields.ts';
import { changesNothing, placeAfter, planNextVersion, whyNotHandIn } from '../../domain/next-version.ts';
import type { BaseItem, BaseVersion, NextChange, NextItem } from '../../domain/next-version.ts';
import type { Answer } from '../../domain/operation.ts';
import type { Edit, ItemFields } from '../../domain/phase-item.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { needsAnswer } from '../../domain/revision.ts';
import type { ItemBody, ItemOrigin, ReviewVerdict, VersionStatus } from '../../domain/version.ts';

const bodies: Partial<Record<PhaseSlug, ItemBody>> = {
  scoping: { inScope: true, risk: 'high', rationale: 'it counts', exceptions: 3 },
  observations: { title: 'Limits differ', rating: 'high', text: 'Two of nine', recommendation: '', deviations: 2 },
  'data-profiling': {
    ...{ kind: 'range', attribute: 'AGE', otherAttribute: null, parameter: '18..', description: '' },
    ...{ checked: 9, passed: 8 },
  },
};
const bodyOf = (phase: PhaseSlug, itemKey: string): ItemBody => ({ attribute: itemKey, ...bodies[phase] });

function base(phase: PhaseSlug, over: Partial<BaseVersion> = {}): BaseVersion {
  return { number: 2, phase, status: 'pending', ...over };
}
function item(
  phase: PhaseSlug,
  itemKey: string,
  verdict: Verdict,
  over: Partial<BaseItem> & { reasonCode?: ReasonCode } = {},
): BaseItem {
  const body = bodyOf(phase, itemKey);
  return {
    ...{ versionId: 'version-two', position: 0, itemKey, body, contentHash: contentHash(body) },
    ...{ source: { kind: 'proposed' }, origin: { kind: 'new' }, verdict, reasonCode: null },
    ...over,
  };
}
const set = (of: BaseItem, fields: ItemFields): Extract<Edit, { edit: 'set' }> => ({
  ...{ edit: 'set', itemKey: of.itemKey, contentHash: of.contentHash, fields },
});
function next(version: BaseVersion, items: BaseItem[], change: NextChange): NextItem[] {
  const planned = planNextVersion(version, items, change, 'tara');
  if (!planned.ok) throw new Error(planned.reason.message);
  return planned.items;
}
function said(version: BaseVersion, items: BaseItem[], change: NextChange): string {
  const planned = planNextVersion(version, items, change, 'tara');
  return planned.ok ? 'made' : planned.reason.code;
}
const disputed: Extract<ItemOrigin, { kind: 'disputed' }> = {
  ...{ kind: 'disputed', versionId: 'version-one', versionNumber: 1, itemKey: 'D', rationale: 'it is so', by: 'lena' },
};

describe('edits', () => {
  const A = item('scoping', 'A', 'approved');
  const B = item('scoping', 'B', 'pending');

  it('an approved item that nobody touched is carried and stays approved, an edited one is pending', () => {
    const items = next(base('scoping'), [A, B], { kind: 'edits', edits: [set(B, { risk: 'low' })] });
    expect(items).toMatchObject([
      { itemKey: 'A', verdict: 'approved', made: 'same', origin: { kind: 'carried', versionId: 'version-two' } },
      {
        ...{ itemKey: 'B', verdict: 'pending', made: 'changed', body: { risk: 'low', inScope: true } },
        origin: { kind: 'edited', versionId: 'version-two', versionNumber: 2, itemKey: 'B' },
      },
    ]);
    expect(items[1]?.contentHash).toBe(contentHash(items[1]?.body));
  });

  it('an edit of an approved item takes its approval back', () => {
    const [edited] = next(base('scoping'), [A], { kind: 'edits', edits: [set(A, { inScope: false })] });
    expect(edited).toMatchObject({ verdict: 'pending', origin: { kind: 'edited' } });
  });

  it('an edit that says what is there changes nothing', () => {
    const items = next(base('scoping'), [A, B], { kind: 'edits', edits: [set(A, { risk: 'high' })] });
    expect(items[0]).toMatchObject({ verdict: 'approved', made: 'same' });
    expect(changesNothing([A, B], items)).toBe(true);
  });

  it('an undecided item keeps its origin, however many versions it passes through', () => {
    const origin: ItemOrigin = { kind: 'edited', versionId: 'version-one', versionNumber: 1, itemKey: 'B' };
    const [same] = next(base('scoping'), [{ ...B, origin }], { kind: 'edits', edits: [] });
    expect(same).toMatchObject({ origin, verdict: 'pending' });
  });

  it('a rejection stands while the version is only edited, and is put up anew after the whole was rejected', () => {
    const R = item('scoping', 'R', 'rejected', { reasonCode: 'incorrect' });
    const change: NextChange = { kind: 'edits', edits: [set(B, { risk: 'low' })] };
    expect(next(base('scoping'), [R, B], change)[0]).toMatchObject({ verdict: 'rejected', origin: { kind: 'new' } });
    const anew = next(base('scoping', { status: 'rejected' }), [A, R, B], change);
    expect(anew).toMatchObject([
      { itemKey: 'A', verdict: 'approved', origin: { kind: 'carried' } },
      { itemKey: 'R', verdict: 'pending', origin: { kind: 're-opened', reason: 'version 2 was rejected as a whole' } },
      { itemKey: 'B', verdict: 'pending', origin: { kind: 'edited' } },
    ]);
  });

  it('a disputed item outlives edits of others and a rejection of the whole, and is pending when its author edits it', () => {
    const D = item('observations', 'D', 'rejected', { origin: disputed });
    const O = item('observations', 'O', 'pending');
    const edits = [set(O, { rating: 'low' })];
    for (const status of ['pending', 'rejected'] as const) {
      const [kept] = next(base('observations', { status }), [D, O], { kind: 'edits', edits });
      expect(kept).toMatchObject({ verdict: 'rejected', origin: disputed });
    }
    const [edited] = next(base('observations'), [D], { kind: 'edits', edits: [set(D, { text: 'Three of nine' })] });
    expect(edited).toMatchObject({ verdict: 'pending', origin: { kind: 'edited' } });
  });

  const rule = item('data-profiling', 'r1', 'pending');
  const fields = { kind: 'completeness', attribute: 'AGE' };

  it('a person adds a rule of their own and takes a proposed one out', () => {
    const items = next(base('data-profiling'), [rule], {
      kind: 'edits',
      edits: [
        { edit: 'remove', itemKey: 'r1', contentHash: rule.contentHash, reason: 'not of use' },
        { edit: 'add', itemKey: 'r2', fields },
      ],
    });
    expect(items).toMatchObject([
      {
        ...{ itemKey: 'r2', made: 'new', source: { kind: 'added', by: 'tara' }, origin: { kind: 'new' } },
        body: { kind: 'completeness', attribute: 'AGE', otherAttribute: null, parameter: '', description: '' },
      },
    ]);
  });

  const refusals: [string, PhaseSlug, Edit, string][] = [
    ['of a field that follows from the data', 'scoping', set(B, { exceptions: 0 }), 'not-editable'],
    ['of a value that is none', 'scoping', set(B, { risk: 'some' }), 'malformed'],
    ['of an empty rationale', 'scoping', set(B, { rationale: ' ' }), 'malformed'],
    ['of other contents', 'scoping', { ...set(B, { risk: 'low' }), contentHash: 'e'.repeat(64) }, 'content-changed'],
    ['of an item that is not there', 'scoping', { ...set(B, { risk: 'low' }), itemKey: 'X' }, 'foreign-item'],
    ['that adds where nothing is added', 'scoping', { edit: 'add', itemKey: 'X', fields: {} }, 'not-editable'],
    [
      'that takes out where nothing is taken out',
      'scoping',
      { edit: 'remove', itemKey: 'B', contentHash: B.contentHash, reason: 'no' },
      'not-editable',
    ],
    ['that adds under a key that is there', 'data-profiling', { edit: 'add', itemKey: 'B', fields }, 'malformed'],
    [
      'that adds a rule without its attribute',
      'data-profiling',
      { edit: 'add', itemKey: 'r2', fields: { kind: 'range' } },
      'malformed',
    ],
    ['of a field named __proto__', 'scoping', set(B, JSON.parse('{"__proto__":true}') as ItemFields), 'not-editable'],
  ];
  it.each(refusals)('an edit %s is refused and named', (_name, phase, edit, code) => {
    const here = phase === 'scoping' ? B : item(phase, 'B', 'pending');
    const planned = planNextVersion(base(phase), [here], { kind: 'edits', edits: [edit] }, 'tara');
    expect(planned).toMatchObject({ ok: false, reason: { code }, items: [{ itemKey: edit.itemKey }] });
  });

  it('names every edit that stands in the way, not only the first', () => {
    const edits = [set(A, { exceptions: 1 }), set(B, { risk: 'low' }), { ...set(B, {}), itemKey: 'X' }];
    const planned = planNextVersion(base('scoping'), [A, B], { kind: 'edits', edits }, 'tara');
    expect(planned).toMatchObject({ ok: false, items: [{ itemKey: 'A' }, { itemKey: 'X' }] });
  });

  it('two edits of one item are refused, and so is a version that nothing is left of', () => {
    expect(said(base('scoping'), [B], { kind: 'edits', edits: [set(B, { risk: 'low' }), set(B, {})] })).toBe(
      'malformed',
    );
    const edits: Edit[] = [{ edit: 'remove', itemKey: 'r1', contentHash: rule.contentHash, reason: 'no' }];
    expect(said(base('data-profiling'), [rule], { kind: 'edits', edits })).toBe('empty-review');
  });
});

describe('answers', () => {
  const A = item('observations', 'A', 'approved');
  const B = item('observations', 'B', 'rejected', { reasonCode: 'incorrect' });
  const to = (of: BaseItem, answer: object): Answer =>
    ({ itemKey: of.itemKey, contentHash: of.contentHash, ...answer }) as Answer;
  const version = base('observations', { status: 'pending' });

  it('edits, keeps and disputes what was rejected, and carries what was approved', () => {
    const [C, D] = [
      { ...B, itemKey: 'C' },
      { ...B, itemKey: 'D' },
    ];
    const answers = [
      to(B, { answer: 'edit', fields: { text: 'Three of nine' } }),
      to(C, { answer: 'keep', rationale: 'it is right' }),
      to(D, { answer: 'dispute', rationale: 'it is so' }),
    ];
    expect(next(version, [A, B, C, D], { kind: 'answers', answers })).toMatchObject([
      { itemKey: 'A', verdict: 'approved', origin: { kind: 'carried' } },
      { itemKey: 'B', verdict: 'pending', made: 'changed', origin: { kind: 'edited', versionNumber: 2 } },
      { itemKey: 'C', verdict: 'pending', origin: { kind: 'kept', rationale: 'it is right' } },
      { itemKey: 'D', verdict: 'rejected', origin: { kind: 'disputed', rationale: 'it is so', by: 'tara' } },
    ]);
  });

  it('wants no answer to what is disputed, and takes an edit of it', () => {
    const D = item('observations', 'D', 'rejected', { origin: disputed });
    expect(needsAnswer(D)).toBe(false);
    const answers = [to(B, { answer: 'keep', rationale: 'r' })];
    expect(next(version, [B, D], { kind: 'answers', answers })[1]).toMatchObject({ origin: disputed });
    expect(
      said(version, [B, D], { kind: 'answers', answers: [...answers, to(D, { answer: 'keep', rationale: 'r' })] }),
    ).toBe('foreign-item');
    const edited = [...answers, to(D, { answer: 'edit', fields: { text: 'less' } })];
    expect(next(version, [B, D], { kind: 'answers', answers: edited })[1]).toMatchObject({ verdict: 'pending' });
  });

  const table: [string, PhaseSlug, object, string][] = [
    ['a replacement of an observation', 'observations', { answer: 'replace' }, 'not-replaceable'],
    ['an observation taken out', 'observations', { answer: 'remove', rationale: 'no' }, 'not-editable'],
    ['a rule taken out', 'data-profiling', { answer: 'remove', rationale: 'no' }, 'made'],
    ['a disputed rule', 'data-profiling', { answer: 'dispute', rationale: 'no' }, 'not-editable'],
    ['a disputed observation', 'observations', { answer: 'dispute', rationale: 'no' }, 'made'],
    ['an edit of a figure', 'observations', { answer: 'edit', fields: { deviations: 0 } }, 'not-editable'],
    ['an edit that changes nothing', 'observations', { answer: 'edit', fields: { rating: 'high' } }, 'malformed'],
  ];
  it.each(table)('%s: %s', (_name, phase, answer, code) => {
    const [one, two] = [item(phase, 'A', 'approved'), item(phase, 'B', 'rejected')];
    expect(said(base(phase), [one, two], { kind: 'answers', answers: [to(two, answer)] })).toBe(code);
  });

  it('names the rejections that nobody answered', () => {
    expect(said(version, [A, B], { kind: 'answers', answers: [] })).toBe('incomplete');
    expect(said(version, [A, B], { kind: 'answers', answers: [to(A, { answer: 'keep', rationale: 'r' })] })).toBe(
      'foreign-item',
    );
  });
});

describe('handing in', () => {
  const table: [PhaseSlug, VersionStatus, ReviewVerdict | null, string | null][] = [
    ['planning', 'draft', null, null],
    ['planning', 'pending', null, null],
    ['planning', 'rejected', 'rejected', null],
    ['planning', 'pending', 'revision-requested', 'version-reviewed'],
    ['planning', 'pending', 'approved', 'version-reviewed'],
    ['planning', 'approved', 'approved', 'version-reviewed'],
    ['planning', 'superseded', null, 'version-superseded'],
    ['test-report', 'approved', 'approved', null],
    ['test-report', 'pending', null, null],
    ['test-report', 'pending', 'approved', 'version-reviewed'],
    ['sample-selection', 'pending', null, 'out-of-turn'],
    ['request-info', 'approved', null, 'out-of-turn'],
  ];
  it.each(table)('of a version of %s that is %s and was reviewed as %s: %s', (phase, status, reviewVerdict, code) => {
    expect(whyNotHandIn({ phase, number: 1, status, reviewVerdict })?.code ?? null).toBe(code);
  });

  it('stays in its chain until the whole was rejected or signed; only answers count as a revision', () => {
    expect(placeAfter({ status: 'draft', revision: 0 }, 'edits')).toEqual({ revision: 0, sameChain: true });
    expect(placeAfter({ status: 'pending', revision: 2 }, 'edits')).toEqual({ revision: 2, sameChain: true });
    expect(placeAfter({ status: 'pending', revision: 2 }, 'answers')).toEqual({ revision: 3, sameChain: true });
    expect(placeAfter({ status: 'rejected', revision: 3 }, 'edits')).toEqual({ revision: 0, sameChain: false });
    expect(placeAfter({ status: 'approved', revision: 1 }, 'edits')).toEqual({ revision: 0, sameChain: false });
  });
});

test.each<[PhaseSlug, ItemFields, string | null]>([
  ['planning', { mandatory: true, description: '' }, null],
  ['planning', { mandatory: 'yes' }, 'malformed'],
  ['planning', { type: 'integer' }, 'not-editable'],
  ['data-profiling', { kind: 'format', otherAttribute: null }, null],
  ['data-profiling', { kind: 'guess' }, 'malformed'],
  ['observations', { rating: 'medium' }, null],
  ['observations', { title: ' ' }, 'malformed'],
  ['test-report', { text: '' }, null],
  ['sample-selection', { SEX: 1 }, 'not-editable'],
])('fields of %s: %o: %s', (phase, fields, code) => {
  expect(whyNotFields(phase, fields)?.code ?? null).toBe(code);
});

test('a new rule needs its kind and its attribute, the rest is filled up', () => {
  expect(filledFields('data-profiling', { kind: 'range' })).toEqual({ missing: 'attribute' });
  expect(filledFields('data-profiling', { kind: 'range', attribute: 'AGE' })).toEqual({
    fields: { kind: 'range', attribute: 'AGE', otherAttribute: null, parameter: '', description: '' },
  });
});

// Whatever is wanted of whatever version: the next one follows the rules of lineage.
const phase: PhaseSlug = 'observations';
const ratings = ['high', 'medium', 'low'] as const;
const anyItem = fc.record({
  verdict: fc.constantFrom<Verdict>('approved', 'pending', 'rejected'),
  origin: fc.constantFrom<'new' | 'carried' | 'edited' | 'kept' | 'disputed'>(
    'new',
    'carried',
    'edited',
    'kept',
    'disputed',
  ),
  rating: fc.constantFrom(...ratings),
  /** What is wanted of it: an edit to this rating, and for answers one of the three. */
  wanted: fc.option(fc.constantFrom(...ratings)),
  answer: fc.constantFrom<'edit' | 'keep' | 'dispute'>('edit', 'keep', 'dispute'),
});
const lineage = (key: string) => ({ versionId: 'version-one', versionNumber: 1, itemKey: key });
function originOf(kind: string, key: string): ItemOrigin {
  if (kind === 'new') return { kind };
  if (kind === 'carried' || kind === 'edited') return { kind, ...lineage(key) };
  if (kind === 'kept') return { kind, ...lineage(key), rationale: 'r' };
  return { ...disputed, itemKey: key };
}

test('approved and unchanged stays approved, changed is pending, disputed never vanishes, and every item has its origin', () => {
  fc.assert(
    fc.property(
      fc.array(anyItem, { minLength: 1, maxLength: 20 }),
      fc.constantFrom<NextChange['kind']>('edits', 'answers'),
      fc.constantFrom<VersionStatus>('draft', 'pending', 'rejected'),
      (list, kind, status) => {
        const items = list.map((row, index): BaseItem => {
          const key = `k${index}`;
          const body = { ...bodyOf(phase, key), rating: row.rating };
          // Only a rejection is disputed.
          const verdict = row.origin === 'disputed' ? 'rejected' : row.verdict;
          return item(phase, key, verdict, { body, contentHash: contentHash(body), origin: originOf(row.origin, key) });
        });
        const planned = planNextVersion(base(phase, { status }), items, changeOf(kind, items, list), 'tara');
        if (!planned.ok) {
          // An answer that changes nothing, or an edit of what a reviewer has rejected meanwhile.
          if (kind === 'answers') expect(planned.reason.message).toContain('changes nothing');
          else expect([status, planned.reason.code]).toEqual(['pending', 'out-of-turn']);
          return;
        }
        const byKey = new Map(planned.items.map((row) => [row.itemKey, row]));
        expect(byKey.size).toBe(planned.items.length);
        for (const before of items) {
          const after = byKey.get(before.itemKey);
          if (before.origin.kind === 'disputed') expect(after).toBeDefined();
          if (!after) continue;
          if (after.contentHash !== before.contentHash) expect(after.verdict).toBe('pending');
          else if (before.verdict === 'approved') expect(after.verdict).toBe('approved');
          if (after.verdict === 'approved') expect(before.verdict).toBe('approved');
          if (before.origin.kind === 'disputed' && after.contentHash === before.contentHash) {
            expect(after).toMatchObject({ verdict: 'rejected', origin: before.origin });
          }
        }
        for (const after of planned.items) expectTraceable(after, items);
      },
    ),
    { numRuns: 500 },
  );
});

function changeOf(
  kind: NextChange['kind'],
  items: BaseItem[],
  list: { wanted: string | null; answer: 'edit' | 'keep' | 'dispute' }[],
): NextChange {
  const wanted = items.map((row, index) => ({ row, ...(list[index] ?? { wanted: null, answer: 'keep' as const }) }));
  if (kind === 'edits') {
    return { kind, edits: wanted.flatMap(({ row, wanted: rating }) => (rating ? [set(row, { rating })] : [])) };
  }
  const answers = wanted.flatMap(({ row, wanted: rating, answer }): Answer[] => {
    if (!needsAnswer(row)) return [];
    const { itemKey, contentHash: hash } = row;
    if (answer === 'edit') return [{ itemKey, contentHash: hash, answer, fields: { rating: rating ?? 'low' } }];
    return [{ itemKey, contentHash: hash, answer, rationale: 'r' }];
  });
  return { kind, answers };
}

/** An origin names an item of the base, or the one that the base's item named already. */
function expectTraceable(after: NextItem, items: BaseItem[]): void {
  const { origin } = after;
  const before = items.find((row) => row.itemKey === after.itemKey);
  if (origin.kind === 'new') {
    expect(before === undefined || before.origin.kind === 'new').toBe(true);
    return;
  }
  if (!('itemKey' in origin)) throw new Error(`an observation came as ${origin.kind}`);
  expect(origin.itemKey).toBe(after.itemKey);
  expect([before?.versionId, 'version-one']).toContain(origin.versionId);
}
