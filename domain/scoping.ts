// Owns what scoping proposes: in or out, with risk and rationale, by one stated rule for each case. Pure; people change any of it.
import type { Json } from './canonical.ts';
import type { AttributeBody, Risk, RuleBody, ScopingBody } from './phase-item.ts';

/** An approved profiling rule. */
export type ScopingRule = Pick<RuleBody, 'kind' | 'attribute' | 'otherAttribute' | 'exceptions' | 'fault'>;

/**
 * A scoping decision for each attribute, in the same order.
 * @param rules the approved profiling rules; null when profiling was skipped, so that nothing is known of exceptions.
 */
export function proposeScoping(
  attributes: readonly AttributeBody[],
  rules: readonly ScopingRule[] | null,
): ScopingBody[] {
  return attributes.map((attribute) => {
    const { attribute: name, criticalDataElement } = attribute;
    const found = rules === null ? null : profiled(rules.filter((rule) => speaksOf(rule, name)));
    return { attribute: name, ...judged(attribute, found), criticalDataElement, exceptions: found?.exceptions ?? null };
  });
}

/** How much of what was planned is in scope. `coverage` is a share of the attributes, rounded to 6 digits. */
export function scopingSummary(decisions: readonly ScopingBody[]): { readonly [key: string]: Json } {
  const inScope = decisions.filter((row) => row.inScope);
  const critical = decisions.filter((row) => row.criticalDataElement);
  return {
    attributes: decisions.length,
    inScope: inScope.length,
    criticalDataElements: critical.length,
    criticalInScope: critical.filter((row) => row.inScope).length,
    coverage: decisions.length === 0 ? 0 : Math.round((inScope.length / decisions.length) * 1e6) / 1e6,
  };
}

/** A cross-column rule speaks of both of its attributes. */
function speaksOf(rule: ScopingRule, attribute: string): boolean {
  return rule.attribute === attribute || rule.otherAttribute === attribute;
}

interface Profiled {
  /** Of all rules together: a row that fails two of them counts twice. */
  exceptions: number;
  rules: number;
  failing: ScopingRule[];
  unrun: number;
}

function profiled(rules: readonly ScopingRule[]): Profiled {
  return {
    exceptions: rules.reduce((sum, rule) => sum + rule.exceptions, 0),
    rules: rules.length,
    failing: rules.filter((rule) => rule.exceptions > 0),
    unrun: rules.filter((rule) => rule.fault !== '').length,
  };
}

/** The rules, from the first that applies. */
function judged(
  { mandatory, key, criticalDataElement }: AttributeBody,
  found: Profiled | null,
): { inScope: boolean; risk: Risk; rationale: string } {
  const doubts = found === null ? [] : doubtsOf(found);
  const isDoubtful = doubts.length > 0;
  const known = found === null ? 'profiling was skipped, so nothing is known of exceptions' : doubts.join('; ');
  if (key && !criticalDataElement && !isDoubtful) {
    return decided(false, 'low', 'the key, by which evidence is looked up: a test of it could not fail');
  }
  if (criticalDataElement) {
    const isHigh = isDoubtful || found === null;
    return decided(true, isHigh ? 'high' : 'medium', `a critical data element; ${known || noExceptions(found)}`);
  }
  if (isDoubtful) return decided(true, 'medium', known);
  if (mandatory) {
    return decided(true, found === null ? 'medium' : 'low', `mandatory, not critical; ${known || noExceptions(found)}`);
  }
  return decided(false, 'low', `neither critical nor mandatory; ${known || noExceptions(found)}`);
}

function decided(inScope: boolean, risk: Risk, rationale: string) {
  return { inScope, risk, rationale: `${rationale.charAt(0).toUpperCase()}${rationale.slice(1)}.` };
}

/** What speaks for a test, each as half a sentence. */
function doubtsOf({ exceptions, failing, unrun }: Profiled): string[] {
  const kinds = [...new Set(failing.map((rule) => rule.kind))].join(', ');
  const count = exceptions.toLocaleString('en');
  return [
    ...(exceptions > 0 ? [`profiling found ${count} ${exceptions === 1 ? 'exception' : 'exceptions'} (${kinds})`] : []),
    ...(unrun > 0 ? [`${unrun} of its approved rules could not be run`] : []),
  ];
}

function noExceptions(found: Profiled | null): string {
  if (!found || found.rules === 0) return 'no approved rule speaks of it';
  const rules = found.rules === 1 ? 'its approved rule' : `its ${found.rules} approved rules`;
  return `profiling found no exception to ${rules}`;
}
