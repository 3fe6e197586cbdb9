// How deviations become observations: none is lost, none is invented, and the rating follows its rule.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TestActionBody, TestResult } from '../../domain/audit-record.ts';
import { groupObservations } from '../../domain/observations.ts';
import { itemFieldsSchema } from '../../domain/phase-item.ts';
import type { ObservationBody } from '../../domain/phase-item.ts';

function action(itemKey: string, result: TestResult, more: Partial<TestActionBody> = {}): TestActionBody {
  return {
    ...{ itemKey, attribute: 'AMOUNT', expected: 100, found: result === 'pass' ? 100 : 90, result },
    notTestableReason: result === 'not-testable' ? 'the page is missing' : '',
    ...{ documentId: 'document-1', documentRevision: 1, locator: `row ${itemKey}`, note: '', random: true },
    ...more,
  };
}

const many = (count: number, deviating: number, more: Partial<TestActionBody> = {}): TestActionBody[] =>
  Array.from({ length: count }, (_, index) => action(String(index + 1), index < deviating ? 'fail' : 'pass', more));

function only(actions: readonly TestActionBody[], critical: string[] = []): ObservationBody {
  const [found, ...others] = groupObservations(actions, 'Cards', new Set(critical));
  if (!found || others.length > 0) throw new Error(`${others.length + (found ? 1 : 0)} observations instead of one`);
  return found;
}

describe('observations', () => {
  it('are one for each attribute with a deviation, and none for an attribute without', () => {
    const actions = [
      action('1', 'fail'),
      action('2', 'pass'),
      action('1', 'pass', { attribute: 'RATE' }),
      action('1', 'not-testable', { attribute: 'AGE' }),
    ];
    expect(groupObservations(actions, 'Cards', new Set()).map((row) => row.attribute)).toEqual(['AGE', 'AMOUNT']);
    expect(groupObservations([], 'Cards', new Set())).toEqual([]);
  });

  it('say how many were tested, how many deviate and which', () => {
    const found = only([action('10', 'fail'), action('9', 'not-testable'), action('8', 'pass'), action('7', 'fail')]);
    expect(found).toMatchObject({
      ...{ attribute: 'AMOUNT', lob: 'Cards', tested: 4, deviations: 3, notTestable: 1, sampleKeys: '7, 9, 10' },
      title: 'AMOUNT: 3 of 4 tested samples deviate',
    });
    expect(found.text).toBe(
      [
        'Cards: AMOUNT of 3 of 4 tested samples deviates from the evidence (2 failed, 1 not testable, which counts as a deviation).',
        'All of these samples were drawn at random.',
        'Rated high: at least one in ten of the random samples deviates.',
        '- 7: expected 100, found 90 (row 7)',
        '- 9: not testable, the page is missing',
        '- 10: expected 100, found 90 (row 10)',
      ].join('\n'),
    );
  });

  it('lose no deviation and invent none', () => {
    const anyActions = fc.uniqueArray(
      fc.record({
        itemKey: fc.nat(200).map(String),
        attribute: fc.constantFrom('AMOUNT', 'RATE', 'AGE', '__proto__'),
        result: fc.constantFrom<TestResult>('pass', 'pass', 'fail', 'not-testable'),
        random: fc.boolean(),
      }),
      { selector: ({ itemKey, attribute }) => `${itemKey}/${attribute}`, maxLength: 120 },
    );
    fc.assert(
      fc.property(anyActions, (rows) => {
        const found = groupObservations(
          rows.map(({ itemKey, result, ...more }) => action(itemKey, result, more)),
          'Cards',
          new Set(),
        );
        const deviating = rows.filter(({ result }) => result !== 'pass');
        expect(found.map((row) => row.attribute)).toEqual([...new Set(deviating.map((row) => row.attribute))].sort());
        for (const row of found) {
          const own = rows.filter(({ attribute }) => attribute === row.attribute);
          const keys = own.filter(({ result }) => result !== 'pass').map(({ itemKey }) => itemKey);
          expect(row).toMatchObject({ tested: own.length, deviations: keys.length });
          expect(row.notTestable).toBe(own.filter(({ result }) => result === 'not-testable').length);
          expect(row.sampleKeys.split(', ').sort()).toEqual(keys.sort().slice(0, 50));
        }
      }),
      { seed: 20261120 },
    );
  });

  it.each([
    [100, 4, [], 'low', 'less than one in twenty'],
    [100, 5, [], 'medium', 'at least one in twenty'],
    [100, 9, [], 'medium', 'at least one in twenty'],
    [100, 10, [], 'high', 'at least one in ten'],
    [100, 1, ['AMOUNT'], 'medium', 'one step higher for a critical data element'],
    [100, 5, ['AMOUNT'], 'high', 'one step higher for a critical data element'],
    [100, 10, ['RATE'], 'high', 'at least one in ten of the random samples deviates.'],
  ])('of %d tested with %d deviating, critical %o, are rated %s', (count, deviating, critical, rating, because) => {
    const found = only(many(count, deviating), critical);
    expect(found.rating).toBe(rating);
    expect(found.text).toContain(because);
  });

  it('are rated by random samples: what was picked because it looked wrong does not raise the rate', () => {
    const targeted = ['t1', 't2', 't3'].map((key) => action(key, 'fail', { random: false }));
    const found = only([...many(40, 1), ...targeted]);
    expect(found).toMatchObject({ rating: 'low', tested: 43, deviations: 4 });
    expect(found.text).toContain('Drawn at random: 1 of 40 deviate; targeted: 3 of 3.');
    expect(only(targeted)).toMatchObject({ rating: 'high' });
    expect(only(targeted).text).toContain('at least one in ten of the targeted samples deviates');
  });

  it('name the first fifty samples and ten examples, and can still be edited however long the values are', () => {
    const long = 'x'.repeat(400);
    const actions = Array.from({ length: 300 }, (_, index) =>
      action(`${long}${1_000 + index}`, 'fail', { expected: long, found: `${long}\n${long}`, locator: long }),
    );
    const { title, text, recommendation, rating, sampleKeys } = only(actions);
    expect(sampleKeys.split(', ')).toHaveLength(50);
    expect(text.match(/^- /gmu)).toHaveLength(11);
    expect(text).toContain('- and 290 more');
    expect(itemFieldsSchema.safeParse({ title, text, recommendation, rating }).success).toBe(true);
  });
});
