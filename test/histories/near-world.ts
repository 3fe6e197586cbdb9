// Owns laptops that sit beside the worker: what they ask is answered from its activities and not by a workflow each, which is most of
// what a cycle costs a server. Their operations go through Temporal as always, so the workflows that are recorded know no difference.
import { MockActivityEnvironment } from '@temporalio/testing';
import { signedPullSchema, workflowTypes } from '../../domain/change.ts';
import type { OperationBody } from '../../domain/operation.ts';
import { awaitPage } from '../../worker/activities/await-changes.ts';
import type { Activities, ActivityDeps } from '../../worker/activities/create-activities.ts';
import { Laptop } from '../worker/worker-world.ts';
import type { World } from '../worker/worker-world.ts';

/** The worker of a world, once it was started. */
export interface Beside {
  deps: ActivityDeps;
  activities: Activities;
}

/** The same world, with its laptops beside the worker. */
export function nearWorld(world: World, beside: Beside): World {
  const near = {
    ...{ taskQueue: world.taskQueue, handoverDir: world.handoverDir, client: world.client },
    report: (reportId: string) => world.report(reportId),
    send: (body: OperationBody, operations: unknown[]) => world.send(body, operations),
    async laptop(personId: string): Promise<Laptop> {
      const laptop = new Laptop(near, personId);
      await beside.activities.enrol(laptop.deviceId, laptop.enrolment());
      return laptop;
    },
    start: async (type: string, argument: unknown) =>
      isShort(type) ? { result: () => answer(beside, type, argument) } : world.start(type, argument),
    close: () => world.close(),
  } as unknown as World;
  return near;
}

const isShort = (type: string): boolean =>
  [workflowTypes.pullChanges, workflowTypes.pullContents, workflowTypes.putContent].some((short) => short === type);

/** What the short-lived workflow of this type answers. */
async function answer({ deps, activities }: Beside, type: string, argument: unknown): Promise<unknown> {
  if (type === workflowTypes.pullContents) return activities.readContents(argument);
  if (type === workflowTypes.putContent) return new MockActivityEnvironment().run(activities.adoptFile, argument);
  const page = await activities.readChanges(argument);
  if (page.waitMs === 0) return page.answer;
  return awaitPage(deps, signedPullSchema.parse(argument), page.answer, deps.stopping);
}
