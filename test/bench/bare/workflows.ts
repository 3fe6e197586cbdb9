// The least that Temporal can do with the same signals: count what they carry, answer with a page, run activities that do nothing.
// For the benchmarks `push` and `create` only.
import {
  condition,
  defineQuery,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';

const { page } = proxyLocalActivities<{ page(): Promise<unknown> }>({ startToCloseTimeout: '10 s' });

/** Counts operations until there are so many. */
export async function countSignals(expected: number): Promise<number> {
  let counted = 0;
  setHandler(defineSignal<[{ operations: unknown[] }]>('submit'), ({ operations }) => {
    counted += operations.length;
  });
  await condition(() => counted >= expected);
  return counted;
}

/** A pull: one local activity that reads, and its answer. */
export async function pullPage(): Promise<unknown> {
  return page();
}

const ordinary = proxyActivities<{ page(): Promise<unknown> }>({
  startToCloseTimeout: '10 s',
  heartbeatTimeout: '5 s',
});

/** After a signal, so many activities one after the other; the ordinary ones stand in the middle. */
export async function doNothing(activities: { local: number; ordinary: number }): Promise<void> {
  let signalled = false;
  setHandler(defineQuery('ready'), () => true);
  setHandler(defineSignal('submit'), () => {
    signalled = true;
  });
  await condition(() => signalled);
  for (let done = 1; done < activities.local; done += 1) await page();
  for (let done = 0; done < activities.ordinary; done += 1) await ordinary.page();
  await page();
}
