// Owns faults around the activities of one worker: of a report, a step fails for good so many times. Knows no scenario.
import { ApplicationFailure } from '@temporalio/common';
import { compensationOf } from '../../domain/compensation.ts';
import type { Strategy } from '../../domain/compensation.ts';
import { createActivities } from '../../worker/activities/create-activities.ts';
import type { Activities, ActivityDeps } from '../../worker/activities/create-activities.ts';
import type { Failed } from '../../worker/store/compensations.ts';
import { failingSteps, isOf } from '../worker/failing-steps.ts';
import type { FailingStep } from '../worker/failing-steps.ts';

interface Fault {
  step: FailingStep;
  left: number;
  strategy: Strategy | null;
}

export class Faults {
  readonly #ofReports = new Map<string, Fault>();

  /** From now on the named step (failing-steps.ts) fails for good in this report, `times` times. */
  put(reportId: string, name: string, { times = 1, strategy }: { times?: number; strategy?: Strategy } = {}): void {
    const step = failingSteps.find((each) => each.name === name);
    if (!step) throw new Error(`no step is called ${name}`);
    this.#ofReports.set(reportId, { step, left: times, strategy: strategy ?? null });
  }

  /** What failed works again. */
  heal(reportId: string): void {
    const fault = this.#ofReports.get(reportId);
    if (fault) fault.left = 0;
  }

  /** How often the fault of a report is still to come. */
  left(reportId: string): number {
    return this.#ofReports.get(reportId)?.left ?? 0;
  }

  /** The worker's activities with the faults around them. */
  activities(deps: ActivityDeps): Activities {
    const activities = createActivities({ ...deps, strategyOf: (failed) => this.#strategyOf(failed) });
    const calls = Object.entries(activities) as [string, (...args: unknown[]) => Promise<unknown>][];
    const faulty = calls.map(([name, call]) => [
      name,
      async (...args: unknown[]) => {
        this.#fail(name, args);
        return call(...args);
      },
    ]);
    return Object.fromEntries(faulty) as Activities;
  }

  #strategyOf({ reportId, phase, operationId }: Failed): Strategy {
    const usual = compensationOf[phase][operationId === null ? 'proposal' : 'act'];
    return this.#ofReports.get(reportId)?.strategy ?? usual;
  }

  #fail(name: string, args: readonly unknown[]): void {
    for (const [reportId, fault] of this.#ofReports) {
      if (fault.left === 0 || !isOf(fault.step, name, args) || !JSON.stringify(args).includes(reportId)) continue;
      fault.left -= 1;
      throw ApplicationFailure.nonRetryable('EIO: the disk does not answer');
    }
  }
}
