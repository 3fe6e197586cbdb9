// News leads where it can be acted on, and the bell says how much there is.
import { describe, expect, it } from 'vitest';
import { bellCount, bellWords, routeOfNews } from '../../renderer/shell/news-words.ts';
import { phaseText, routeOfRow } from '../../renderer/home/home.tsx';
import type { HomeRow } from '../../preload/contract.ts';

const reportId = 'report-001';

describe('news', () => {
  it('leads to its phase, of its line of business, else to the report', () => {
    expect(routeOfNews({ reportId, phase: 'observations', lob: 'Retail' })).toEqual({
      ...{ screen: 'phase', reportId },
      ...{ phase: 'observations', lob: 'Retail' },
    });
    const compensated = { kind: 'compensated', reportId, phase: 'scoping', lob: null } as const;
    expect(routeOfNews(compensated)).toEqual({ screen: 'phase', reportId, phase: 'scoping', lob: null });
    expect(routeOfNews({ reportId, phase: null, lob: null })).toEqual({ screen: 'report', reportId });
  });

  it.each([
    [0, '', 'News, all read'],
    [3, '3', 'News, 3 unread'],
    [99, '99', 'News, 99 unread'],
    [120, '99+', 'News, 120 unread'],
  ])('counts %d unread', (unread, number, words) => {
    expect(bellCount(unread)).toBe(number);
    expect(bellWords(unread)).toBe(words);
  });
});

describe('a task of the first screen', () => {
  const row: Pick<HomeRow, 'action' | 'reportId' | 'versionId' | 'phase' | 'lob'> = {
    ...{ action: 'phase', reportId, versionId: null, phase: 'request-info', lob: 'Retail' },
  };

  it.each([
    ['recorded work', row, { screen: 'phase', reportId, phase: 'request-info', lob: 'Retail' }],
    [
      'recorded work that had a version before',
      { ...row, versionId: 'v-1' },
      { screen: 'phase', reportId, phase: 'request-info', lob: 'Retail' },
    ],
    [
      'a draft to hand in',
      { ...row, phase: 'planning', lob: null, versionId: 'v-1' },
      { screen: 'version', versionId: 'v-1' },
    ],
    [
      'a phase without a version',
      { ...row, phase: 'sample-selection', lob: null },
      { screen: 'phase', reportId, phase: 'sample-selection', lob: null },
    ],
    [
      'a review',
      { ...row, action: 'review', phase: 'scoping', lob: null, versionId: 'v-1' },
      { screen: 'version', versionId: 'v-1' },
    ],
    [
      'a plan',
      { ...row, action: 'plan', phase: 'sample-selection', lob: null },
      { screen: 'import', reportId, step: 'plan' },
    ],
    ['an import', { ...row, action: 'import', phase: null, lob: null }, { screen: 'import', reportId, step: 'file' }],
    ['devices', { ...row, action: 'devices', phase: null, lob: null }, { screen: 'people' }],
    [
      'a step that failed for good',
      { ...row, action: 'settle' },
      { screen: 'phase', reportId, phase: 'request-info', lob: 'Retail' },
    ],
    ['anything else', { ...row, action: 'open' }, { screen: 'report', reportId }],
  ] as const)('leads to %s', (_what, task, route) => {
    expect(routeOfRow(task)).toEqual(route);
  });

  it('names phase and version', () => {
    expect(phaseText({ phaseName: 'Observations of Retail', versionNumber: 2 })).toBe('Observations of Retail v2');
    expect(phaseText({ phaseName: 'Planning', versionNumber: null })).toBe('Planning');
  });
});
