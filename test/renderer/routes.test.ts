// Every address leads to its screen and back; what cannot be read is said, never thrown.
import { describe, expect, it } from 'vitest';
import { hashOf, routeOf } from '../../renderer/routes.ts';
import type { Route } from '../../renderer/routes.ts';

const routes: Route[] = [
  { screen: 'home' },
  { screen: 'cycle', cycleId: 'cycle-001' },
  { screen: 'report', reportId: 'report-001' },
  { screen: 'phase', reportId: 'report-001', phase: 'planning', lob: null },
  { screen: 'phase', reportId: 'report-001', phase: 'observations', lob: 'Retail / "north" %' },
  { screen: 'import', reportId: 'report-001', step: 'file' },
  { screen: 'import', reportId: 'report-001', step: 'draw' },
  { screen: 'people' },
  { screen: 'workflow', reportId: 'report-001' },
  { screen: 'workflows' },
  { screen: 'version', versionId: 'v-0123' },
  { screen: 'compare', leftVersionId: 'v-1', rightVersionId: 'v-2' },
  { screen: 'timeline', reportId: 'report-001' },
  { screen: 'sync' },
  { screen: 'version', versionId: 'a/b %?#' },
];

describe('routes', () => {
  it.each(routes)('reads back the address of $screen', (route) => {
    expect(routeOf(hashOf(route))).toEqual(route);
  });

  it.each(['', '#', '#/', '#/home', '#/home/'])('leads from "%s" home', (hash) => {
    expect(routeOf(hash)).toEqual({ screen: 'home' });
  });

  it('starts the wizard at its file when no step is named', () => {
    expect(routeOf('#/report/report-001/import')).toEqual({ screen: 'import', reportId: 'report-001', step: 'file' });
  });

  it.each([
    '#/nowhere',
    '#/version',
    '#/compare/v-1',
    '#/report/r/import/late',
    '#/report/r/phase',
    '#/report/r/phase/lunch',
    '#/report/r/phase/observations/A/x',
    '#/cycle',
    '#/sync/x',
    '#/workflows/x',
    '#/report/r/workflow/x',
    '#/a/b/c/d/e',
    '#/report/r/import/file/x',
    '#/version/%E0%A4',
  ])('says that %s is no screen', (hash) => {
    expect(routeOf(hash).screen).toBe('unknown');
  });
});
