// Owns faults around the activities of one worker: of a report, a step fails for good so many times, or is held up. Knows no scenario.
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

/** A step that is held up, from its next call until its release. */
export interface Hold {
  reached: Promise<void>;
  release(): void;
}

export class Faults {
  readonly #ofReports = new Map<string, Fault>();
  readonly #holds: { reportId: string; step: FailingStep; reach(): void; released: Promise<void> }[] = [];

  /** From now on the named step (failing-steps.ts) fails for good in this report, `times` times. */
  put(reportId: string, name: string, { times = 1, strategy }: { times?: number; strategy?: Strategy } = {}): void {
    this.#ofReports.set(reportId, { step: stepOf(name), left: times, strategy: strategy ?? null });
  }

  /** From now on the named step of this report waits before it does anything. */
  hold(reportId: string, name: string): Hold {
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    this.#holds.push({ reportId, step: stepOf(name), reach: reached.resolve, released: released.promise });
    return { reached: reached.promise, release: released.resolve };
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
        await this.#wait(name, args);
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

  async #wait(name: string, args: readonly unknown[]): Promise<void> {
    for (const { reportId, step, reach, released } of this.#holds) {
      if (!isOfReport(reportId, step, name, args)) continue;
      reach();
      await released;
    }
  }

  #fail(name: string, args: readonly unknown[]): void {
    for (const [reportId, fault] of this.#ofReports) {
      if (fault.left === 0 || !isOfReport(reportId, fault.step, name, args)) continue;
      fault.left -= 1;
      throw ApplicationFailure.nonRetryable('EIO: the disk does not answer');
    }
  }
}

function stepOf(name: string): FailingStep {
  const step = failingSteps.find((each) => each.name === name);
  if (!step) throw new Error(`no step is called ${name}`);
  return step;
}

function isOfReport(reportId: string, step: FailingStep, called: string, args: readonly unknown[]): boolean {
  return isOf(step, called, args) && JSON.stringify(args).includes(reportId);
}
