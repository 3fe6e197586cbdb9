// Owns the nine phases as data: what each makes, who approves it and what it waits for. No behaviour of one phase lives here.
import { z } from 'zod';
import { testerRoles } from './people.ts';
import type { Role } from './people.ts';

export const phaseSlugs = [
  'planning',
  'data-profiling',
  'scoping',
  'sample-selection',
  'data-owner-id',
  'request-info',
  'test-execution',
  'observations',
  'test-report',
] as const;
export const phaseSlugSchema = z.enum(phaseSlugs);
export type PhaseSlug = z.infer<typeof phaseSlugSchema>;

/** One row of the phase table (mission.md, "Phases"). */
export interface Phase {
  slug: PhaseSlug;
  name: string;
  /** The word under the progress line, where there is little room. */
  shortName: string;
  versioning: 'full' | 'audit-only';
  /** Who may review a version; an empty list means that nobody approves. */
  approvers: readonly Role[];
  /** Who may make and revise a version. */
  authors: readonly Role[];
  /** What one item is called, in the plural. */
  itemsName: string;
}

const ownerOnly: readonly Role[] = ['report-owner'];

function phase(row: Omit<Phase, 'authors'> & { authors?: readonly Role[] }): Phase {
  return { authors: testerRoles, ...row };
}

/** The phases in the order in which a report runs them. */
export const phases: readonly Phase[] = [
  phase({
    slug: 'planning',
    name: 'Planning',
    shortName: 'Planning',
    versioning: 'full',
    approvers: testerRoles,
    itemsName: 'attributes',
  }),
  phase({
    slug: 'data-profiling',
    name: 'Data profiling',
    shortName: 'Profiling',
    versioning: 'full',
    approvers: ownerOnly,
    itemsName: 'profiling rules',
  }),
  phase({
    slug: 'scoping',
    name: 'Scoping',
    shortName: 'Scoping',
    versioning: 'full',
    approvers: ownerOnly,
    itemsName: 'scoping decisions',
  }),
  phase({
    slug: 'sample-selection',
    name: 'Sample selection',
    shortName: 'Samples',
    versioning: 'full',
    approvers: ownerOnly,
    itemsName: 'samples',
  }),
  phase({
    slug: 'data-owner-id',
    name: 'Data owner identification',
    shortName: 'Owners',
    versioning: 'audit-only',
    approvers: [],
    itemsName: 'assignments',
  }),
  phase({
    slug: 'request-info',
    name: 'Request for information',
    shortName: 'Documents',
    versioning: 'audit-only',
    approvers: [],
    authors: ['data-owner', ...testerRoles],
    itemsName: 'documents',
  }),
  phase({
    slug: 'test-execution',
    name: 'Test execution',
    shortName: 'Testing',
    versioning: 'audit-only',
    approvers: [],
    itemsName: 'test actions',
  }),
  phase({
    slug: 'observations',
    name: 'Observations',
    shortName: 'Observations',
    versioning: 'full',
    approvers: ownerOnly,
    itemsName: 'observations',
  }),
  phase({
    slug: 'test-report',
    name: 'Test report',
    shortName: 'Report',
    versioning: 'full',
    approvers: ['test-lead', 'report-owner'],
    itemsName: 'sections',
  }),
];

const bySlug = new Map(phases.map((row) => [row.slug, row]));

/** The row of a phase. */
export function phaseOf(slug: PhaseSlug): Phase {
  const row = bySlug.get(slug);
  if (!row) throw new Error(`the phase table has no row for ${slug}`);
  return row;
}

/** The most revisions a review may ask for; the last one can still be reviewed (fault b of mission.md). */
export const maxRevisions = 3;
