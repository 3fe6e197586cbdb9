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

/** Where versions of a phase come from: proposed from what is known, drawn from a recorded plan, or recorded as work is done. */
export type Making = 'proposed' | 'drawn' | 'recorded';

/** One row of the phase table (mission.md, "Phases"). */
export interface Phase {
  slug: PhaseSlug;
  name: string;
  /** The word under the progress line, where there is little room. */
  shortName: string;
  versioning: 'full' | 'audit-only';
  /** `lob` phases run once per line of business, in a child workflow. */
  scope: 'report' | 'lob';
  /** The phases that have to be settled before it opens; of the same LOB where both are `lob`, of all LOBs where only this one is not. */
  after: readonly PhaseSlug[];
  making: Making;
  /** Who may review a version; an empty list means that nobody approves. */
  approvers: readonly Role[];
  /** Who may make and revise a version. */
  authors: readonly Role[];
  /** `sign-off`: each approver role signs in turn, in the order of `approvers`. */
  approval: 'review' | 'sign-off' | 'none';
  /** A test manager may skip it; the report discloses that. */
  skippable: boolean;
  /** What one item is called. */
  itemName: string;
  /** The same in the plural. */
  itemsName: string;
}

const ownerOnly: readonly Role[] = ['report-owner'];

/** The phases in the order in which a report runs them. */
export const phases: readonly Phase[] = [
  {
    slug: 'planning',
    name: 'Planning',
    shortName: 'Planning',
    versioning: 'full',
    scope: 'report',
    after: [],
    making: 'proposed',
    approvers: testerRoles,
    authors: testerRoles,
    approval: 'review',
    skippable: true,
    itemName: 'attribute',
    itemsName: 'attributes',
  },
  {
    slug: 'data-profiling',
    name: 'Data profiling',
    shortName: 'Profiling',
    versioning: 'full',
    scope: 'report',
    after: ['planning'],
    making: 'proposed',
    approvers: ownerOnly,
    authors: testerRoles,
    approval: 'review',
    skippable: true,
    itemName: 'profiling rule',
    itemsName: 'profiling rules',
  },
  {
    slug: 'scoping',
    name: 'Scoping',
    shortName: 'Scoping',
    versioning: 'full',
    scope: 'report',
    after: ['data-profiling'],
    making: 'proposed',
    approvers: ownerOnly,
    authors: testerRoles,
    approval: 'review',
    skippable: true,
    itemName: 'scoping decision',
    itemsName: 'scoping decisions',
  },
  {
    slug: 'sample-selection',
    name: 'Sample selection',
    shortName: 'Samples',
    versioning: 'full',
    scope: 'report',
    after: ['scoping'],
    making: 'drawn',
    approvers: ownerOnly,
    authors: testerRoles,
    approval: 'review',
    skippable: true,
    itemName: 'sample',
    itemsName: 'samples',
  },
  {
    slug: 'data-owner-id',
    name: 'Data owner identification',
    shortName: 'Owners',
    versioning: 'audit-only',
    scope: 'report',
    after: ['scoping'],
    making: 'recorded',
    approvers: [],
    authors: testerRoles,
    approval: 'none',
    skippable: true,
    itemName: 'assignment',
    itemsName: 'assignments',
  },
  {
    slug: 'request-info',
    name: 'Request for information',
    shortName: 'Documents',
    versioning: 'audit-only',
    scope: 'lob',
    after: ['sample-selection', 'data-owner-id'],
    making: 'recorded',
    approvers: [],
    authors: testerRoles,
    approval: 'none',
    skippable: true,
    itemName: 'document',
    itemsName: 'documents',
  },
  {
    slug: 'test-execution',
    name: 'Test execution',
    shortName: 'Testing',
    versioning: 'audit-only',
    scope: 'lob',
    after: ['request-info'],
    making: 'recorded',
    approvers: [],
    authors: testerRoles,
    approval: 'none',
    skippable: true,
    itemName: 'test action',
    itemsName: 'test actions',
  },
  {
    slug: 'observations',
    name: 'Observations',
    shortName: 'Observations',
    versioning: 'full',
    scope: 'lob',
    after: ['test-execution'],
    making: 'proposed',
    approvers: ownerOnly,
    authors: testerRoles,
    approval: 'review',
    skippable: true,
    itemName: 'observation',
    itemsName: 'observations',
  },
  {
    slug: 'test-report',
    name: 'Test report',
    shortName: 'Report',
    versioning: 'full',
    scope: 'report',
    after: ['observations'],
    making: 'proposed',
    approvers: ['test-lead', 'report-owner'],
    authors: testerRoles,
    approval: 'sign-off',
    skippable: false,
    itemName: 'section',
    itemsName: 'sections',
  },
];

const bySlug = new Map(phases.map((row) => [row.slug, row]));

/** The row of a phase. */
export function phaseOf(slug: PhaseSlug): Phase {
  const row = bySlug.get(slug);
  if (!row) throw new Error(`the phase table has no row for ${slug}`);
  return row;
}

/** True for what judges the tests: whoever executed one of them does not decide on it. */
export function isAboutTests(slug: PhaseSlug): boolean {
  return slug === 'observations' || phaseOf(slug).approval === 'sign-off';
}

/** How a phase of the whole report, or of one line of business, is called: "Planning", "Observations of Retail". */
export function placeName({ phase, lob }: { phase: PhaseSlug; lob: string | null }): string {
  return lob === null ? phaseOf(phase).name : `${phaseOf(phase).name} of ${lob}`;
}

/** The most revisions a review may ask for; the last one can still be reviewed (fault b of mission.md). */
export const maxRevisions = 3;
