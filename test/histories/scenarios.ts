// The table of scenarios of which histories are recorded. Recording runs it, the replay test asks that each is there.
import { workflowVersions } from '../../domain/workflow-version.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';
import type { Scenario } from './scenario.ts';
import { failures } from './scenarios/failures.ts';
import { lanes } from './scenarios/lanes.ts';
import { moves } from './scenarios/moves.ts';
import { reviews } from './scenarios/reviews.ts';
import { steering } from './scenarios/steering.ts';

const scenarios: readonly Scenario[] = [...reviews, ...steering, ...lanes, ...failures, ...moves];

/** Those that a workflow of this version can come to. */
export function scenariosOf(version: WorkflowVersion): Scenario[] {
  return scenarios.filter(({ versions = workflowVersions }) => versions.includes(version));
}

/** `1.0.0/signed`: every pair of a version and a scenario of it. */
export function namesOfScenarios(): string[] {
  return workflowVersions.flatMap((version) => scenariosOf(version).map(({ name }) => `${version}/${name}`));
}
