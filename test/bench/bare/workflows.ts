// The least that Temporal can do with the same signals: count what they carry; and answer with a page. For the benchmark `push` only.
import { condition, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';

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
