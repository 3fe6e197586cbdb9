// Owns the addresses of the screens, as the page's hash. Pure; knows no screen.
import { phaseSlugSchema } from '../domain/phases.ts';
import type { PhaseSlug } from '../domain/phases.ts';

/** Where the page is. */
export type Route =
  | { screen: 'home' }
  | { screen: 'cycle'; cycleId: string }
  | { screen: 'report'; reportId: string }
  /** What the report's workflows do and did. */
  | { screen: 'workflow'; reportId: string }
  /** The running workflows by version. */
  | { screen: 'workflows' }
  /** `lob` is null for phases of the whole report. */
  | { screen: 'phase'; reportId: string; phase: PhaseSlug; lob: string | null }
  | { screen: 'import'; reportId: string; step: ImportStep }
  | { screen: 'people' }
  | { screen: 'version'; versionId: string }
  | { screen: 'compare'; leftVersionId: string; rightVersionId: string }
  | { screen: 'timeline'; reportId: string }
  | { screen: 'sync' }
  | { screen: 'unknown'; hash: string };

export const importSteps = ['file', 'columns', 'plan', 'draw'] as const;
/** The four steps of the import wizard. */
export type ImportStep = (typeof importSteps)[number];

const isStep = (text: string | undefined): text is ImportStep => importSteps.some((step) => step === text);

/** Reads a hash such as `#/version/v-1`. What it cannot read is `unknown`, never an exception. */
export function routeOf(hash: string): Route {
  const path = hash.replace(/^#?\/?/, '').replace(/\/+$/, '');
  if (path === '' || path === 'home') return { screen: 'home' };
  let parts: string[];
  try {
    parts = path.split('/').map(decodeURIComponent);
  } catch {
    // A cut percent escape: there is no such address.
    return { screen: 'unknown', hash };
  }
  const [name, first, second, third, fourth, ...rest] = parts;
  if (name === 'report' && first && second === 'phase' && rest.length === 0) {
    const phase = phaseSlugSchema.safeParse(third);
    if (phase.success) {
      return { screen: 'phase', reportId: first, phase: phase.data, lob: fourth ?? null };
    }
  }
  if (fourth !== undefined) return { screen: 'unknown', hash };
  if (name === 'sync' && !first) return { screen: 'sync' };
  if (name === 'people' && !first) return { screen: 'people' };
  if (name === 'workflows' && !first) return { screen: 'workflows' };
  if (name === 'version' && first && !second) return { screen: 'version', versionId: first };
  if (name === 'timeline' && first && !second) return { screen: 'timeline', reportId: first };
  if (name === 'compare' && first && second && !third) {
    return { screen: 'compare', leftVersionId: first, rightVersionId: second };
  }
  if (name === 'cycle' && first && !second) return { screen: 'cycle', cycleId: first };
  if (name === 'report' && first && !second) return { screen: 'report', reportId: first };
  if (name === 'report' && first && second === 'workflow' && !third) return { screen: 'workflow', reportId: first };
  if (name === 'report' && first && second === 'import' && (third === undefined || isStep(third))) {
    return { screen: 'import', reportId: first, step: third ?? 'file' };
  }
  return { screen: 'unknown', hash };
}

/** The hash of a route, with its `#`. */
export function hashOf(route: Route): string {
  const path = (...parts: string[]) => `#/${parts.map(encodeURIComponent).join('/')}`;
  switch (route.screen) {
    case 'home':
      return '#/home';
    case 'cycle':
      return path('cycle', route.cycleId);
    case 'report':
      return path('report', route.reportId);
    case 'workflow':
      return path('report', route.reportId, 'workflow');
    case 'phase':
      return path('report', route.reportId, 'phase', route.phase, ...(route.lob === null ? [] : [route.lob]));
    case 'import':
      return path('report', route.reportId, 'import', route.step);
    case 'version':
      return path('version', route.versionId);
    case 'compare':
      return path('compare', route.leftVersionId, route.rightVersionId);
    case 'timeline':
      return path('timeline', route.reportId);
    case 'people':
    case 'workflows':
    case 'sync':
      return path(route.screen);
    case 'unknown':
      return route.hash;
  }
}

/** Goes to a screen; the browser's back button leads back. */
export function go(route: Route): void {
  window.location.hash = hashOf(route);
}
