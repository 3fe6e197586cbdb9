// Owns the versions of the report's workflow and what each can do (mission.md, row 15). Pure; the flow asks it, the workflow moves by it.
import { z } from 'zod';

/** From the oldest to the newest. A report keeps the version that it began with until it is moved. */
export const workflowVersions = ['1.0.0', '1.1.0', '1.2.0', '2.0.0'] as const;
export const workflowVersionSchema = z.enum(workflowVersions);
export type WorkflowVersion = z.infer<typeof workflowVersionSchema>;

/** What new reports begin with. */
export const newestVersion: WorkflowVersion = '2.0.0';
/** What reports ran as before their version was recorded. */
export const unrecordedVersion: WorkflowVersion = '1.2.0';

export const workflowFeatures = ['parallelBranch', 'lobChildren', 'compensation'] as const;
export type WorkflowFeature = (typeof workflowFeatures)[number];

/** Since which version a workflow has each feature; it never loses one. */
const since: Readonly<Record<WorkflowFeature, WorkflowVersion>> = {
  parallelBranch: '1.1.0',
  lobChildren: '1.2.0',
  compensation: '2.0.0',
};

/** What a report gains with each feature, as a person reads it. */
export const featureGains: Readonly<Record<WorkflowFeature, string>> = {
  parallelBranch: 'data owners are identified while the sample is selected, not after it',
  lobChildren: 'lines of business go on beside one another, each in a workflow of its own',
  compensation: 'a step that fails for good is compensated and waits for a person, instead of being tried for ever',
};

/**
 * True when a workflow of this version has the feature. A version that this program does not know is newer, and has all that it knows:
 * an older worker has to replay such a report's history as it was, to be able to say that it leaves it alone.
 */
export function hasFeature(version: string, feature: WorkflowFeature): boolean {
  return !isKnownVersion(version) || compareVersions(version, since[feature]) >= 0;
}

/** Below 0 when the first is older, 0 when they are one, above 0 when it is newer. */
export function compareVersions(one: WorkflowVersion, other: WorkflowVersion): number {
  return workflowVersions.indexOf(one) - workflowVersions.indexOf(other);
}

/** True for a version that this program knows; a report of any other waits for a newer worker. */
export function isKnownVersion(version: string): version is WorkflowVersion {
  return (workflowVersions as readonly string[]).includes(version);
}

/** The type of the failure of whatever is asked of a worker that does not know the version of a report. */
export const unknownVersionFailure = 'UnknownWorkflowVersion';

/** The features that a report gains by moving, oldest first; empty when it would gain none. */
export function gainsOf(from: WorkflowVersion, to: WorkflowVersion): WorkflowFeature[] {
  return workflowFeatures.filter((feature) => !hasFeature(from, feature) && hasFeature(to, feature));
}

/** Why a running report cannot be moved, or null when it can. Versions only grow: what began with a feature may rest on it. */
export function whyNotMove(from: WorkflowVersion, to: WorkflowVersion): string | null {
  const order = compareVersions(to, from);
  if (order > 0) return null;
  return order === 0 ? `it runs as ${from} already` : `it runs as ${from}: a report is never moved back, to ${to}`;
}
