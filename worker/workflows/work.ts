// Owns what a job of a workflow is: a due step, a follow-up of an operation, or news for another workflow; whose it is, and which jobs
// wait for one another. Pure; knows no queue.
import type { FlowStep } from '../../domain/flow.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { FollowUp } from '../store/rules/rule.ts';

/** A follow-up that needs an activity; the others are news. */
export type FollowUpJob = Exclude<FollowUp, { kind: 'start-reports' | 'wake-reports' | 'wake' | 'device-decided' }>;

/** Something to carry out. `tell`: another workflow is to look at the store, a lane (or null: the report of this lane). */
export type Job = FlowStep | FollowUpJob | { kind: 'tell'; lob: string | null };

/** A job in the queue. Jobs with one key are one job; jobs of one lane are done one after the other. */
export interface Work {
  key: string;
  lane: string;
  phase: PhaseSlug | null;
  lob: string | null;
  job: Job;
}

/** The workflow that carries out what belongs to this phase and LOB: its lane's for phases that run per LOB, else the report's (null). */
export function ownerOf(phase: PhaseSlug, lob: string | null): string | null {
  return phaseOf(phase).scope === 'lob' ? lob : null;
}

const lineName = (phase: PhaseSlug, lob: string | null): string => `${phase}/${ownerOf(phase, lob) ?? '-'}`;

export function workOf(job: Job): Work {
  switch (job.kind) {
    case 'import-population':
      return { ...named(job), lane: `import/${job.fileHash}`, phase: null, lob: null };
    case 'draw-sample':
    case 'revise-sample':
      return { ...named(job), lane: lineName('sample-selection', null), phase: 'sample-selection', lob: null };
    case 'read-evidence':
      return { ...named(job), lane: lineName('test-execution', job.lob), phase: 'test-execution', lob: job.lob };
    case 'make-version':
    case 'settle-review':
    case 'complete-phase':
      return { ...named(job), lane: lineName(job.phase, job.lob), phase: job.phase, lob: job.lob };
    case 'open':
    case 'propose':
      return { ...step(job), lane: lineName(job.phase, job.lob), phase: job.phase, lob: job.lob };
    case 'skip':
    case 'remind':
    case 'expire':
      // Beside what the phase does: neither a deadline nor a manager waits for a draw that takes minutes.
      return { ...step(job), lane: `${job.kind}/${lineName(job.phase, job.lob)}`, phase: job.phase, lob: job.lob };
    case 'start-lob':
    case 'finish-lob':
    case 'tell':
      return { ...step(job), lane: `lob/${job.lob ?? '-'}`, phase: null, lob: job.lob };
    case 'name-lobs':
    case 'mail':
      return { ...step(job), lane: job.kind, phase: null, lob: null };
  }
}

function named(job: FollowUpJob): Pick<Work, 'key' | 'job'> {
  return { key: `${job.kind}/${job.operationId}`, job };
}

function step(job: Exclude<Job, FollowUpJob>): Pick<Work, 'key' | 'job'> {
  const phase = 'phase' in job ? job.phase : '-';
  const lob = 'lob' in job ? (job.lob ?? '-') : '-';
  return { key: `${job.kind}/${phase}/${lob}`, job };
}

/** The job of a follow-up; null for those that are news. */
export function jobOf(followUp: FollowUp): FollowUpJob | null {
  switch (followUp.kind) {
    case 'start-reports':
    case 'wake-reports':
    case 'wake':
    case 'device-decided':
      return null;
    default:
      return followUp;
  }
}

/** "make-version observations cards" */
export function nameOf({ job, phase, lob }: Work): string {
  return [job.kind, phase, lob].filter((word) => word !== null).join(' ');
}
