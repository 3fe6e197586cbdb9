// Owns asking whether this person may do something in a report, in the words the screen shows. The rules are the domain's.
import { whyNot } from '../domain/authority.ts';
import type { Act } from '../domain/authority.ts';
import type { Report } from '../domain/change.ts';
import type { Reason } from '../domain/operation.ts';
import { sentence } from './notices.tsx';
import { useMe } from './use-me.ts';

/**
 * Asks for an act: the person's role first, then what else stands against it. Null when it may be done now, else a sentence.
 * A report that is over takes nothing any more.
 */
export function useMay(
  report: Pick<Report, 'assignments' | 'ended'> | null,
): (act: Act, ...more: readonly (Reason | null)[]) => string | null {
  const me = useMe();
  return (act, ...more) => {
    if (!me || !report) return null;
    const ended = report.ended && { message: `this report is over already: ${report.ended.reason}` };
    const reason = whyNot(act, me, report.assignments) ?? ended ?? more.find((one) => one !== null);
    return reason ? sentence(reason) : null;
  };
}

/** The same for what belongs to no report: the person's own roles count. */
export function useMayAnywhere(): (act: Act) => string | null {
  const me = useMe();
  return (act) => {
    const reason =
      me &&
      whyNot(
        act,
        me,
        me.roles.map((role) => ({ personId: me.personId, role })),
      );
    return reason ? sentence(reason) : null;
  };
}
