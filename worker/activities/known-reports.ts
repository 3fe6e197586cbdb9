// Owns that nothing is done for a report of a workflow version that this worker does not know: whichever activity is asked, it asks first.
import type { Store } from '../store/store.ts';
import { mustKnowReport } from '../store/workflow-version.ts';

/** The calls, each after a look at the version of its report: named by the first argument, as its id or in a field `reportId`. */
export function ofKnownReports<Calls extends object>(store: Store, calls: Calls): Calls {
  const asking = (Object.entries(calls) as [string, Call][]).map(([name, call]): [string, Call] => [
    name,
    async (...args) => {
      const reportId = reportOf(args[0]);
      if (reportId !== null) await mustKnowReport(store, reportId);
      return call(...args);
    },
  ]);
  return Object.fromEntries(asking) as unknown as Calls;
}
type Call = (...args: unknown[]) => Promise<unknown>;

function reportOf(first: unknown): string | null {
  if (typeof first === 'string') return first;
  const reportId = typeof first === 'object' && first !== null && 'reportId' in first ? first.reportId : null;
  return typeof reportId === 'string' ? reportId : null;
}
