// Owns what a report's workflow answers to queries, from what it knows of the flow. Reads no store.
import type { PendingApproval, PhaseLife, PhaseVersion } from '../../domain/report-progress.ts';
import { phaseOf } from '../../domain/phases.ts';
import { isMaking } from './flow-engine.ts';
import type { Engine } from './flow-engine.ts';

/** Where each phase stands, of the report and of each of its lanes. */
export function phaseLives(engine: Engine): PhaseLife[] {
  return (engine.flow?.lines ?? []).map(({ phase, lob, status, expired }) => ({
    phase,
    lob,
    life: isMaking(engine, phase, lob) ? 'making' : status,
    expired,
  }));
}

/** The latest version of each phase, of the report and of each of its lanes, that has one. */
export function phaseVersions({ flow }: Engine): PhaseVersion[] {
  return (flow?.lines ?? []).flatMap(({ phase, lob, status, version }) =>
    version ? [{ phase, lob, ...version, status }] : [],
  );
}

/** Versions that wait for a review or a signature, with the roles that may give it. */
export function pendingApprovals({ flow }: Engine): PendingApproval[] {
  return (flow?.pending ?? []).map((row) => ({ ...row, approvers: phaseOf(row.phase).approvers }));
}
