// Owns how deviations become observations: grouped by attribute, rated by one stated rule, worded from the figures. Pure.
// The words are a draft: the tester edits them, the figures stay.
import { isDeviation } from './audit-record.ts';
import type { TestActionBody } from './audit-record.ts';
import type { ObservationBody, Risk } from './phase-item.ts';
import { canonicalKeyOrder, compareUtf8 } from './sampling/key-order.ts';

const shownKeys = 50;
const shownExamples = 10;
/** Values in the draft are cut, so that it stays below what an edit may carry. */
const shownLength = 100;

/**
 * One observation for each attribute with at least one deviation, in the order of their names.
 * @param actions the recorded test actions of one line of business.
 * @param critical attributes that planning calls critical data elements.
 */
export function groupObservations(
  actions: readonly TestActionBody[],
  lob: string,
  critical: ReadonlySet<string>,
): ObservationBody[] {
  const groups = [...Map.groupBy(actions, ({ attribute }) => attribute)];
  return groups
    .filter(([, group]) => group.some(({ result }) => isDeviation(result)))
    .sort(([a], [b]) => compareUtf8(a, b))
    .map(([attribute, group]) => observationOf(attribute, lob, group, critical.has(attribute)));
}

function observationOf(
  attribute: string,
  lob: string,
  actions: readonly TestActionBody[],
  isCritical: boolean,
): ObservationBody {
  const byKey = new Map(actions.filter(({ result }) => isDeviation(result)).map((action) => [action.itemKey, action]));
  const { keys } = canonicalKeyOrder([...byKey.keys()]);
  const deviating = keys.flatMap((key) => byKey.get(key) ?? []);
  const notTestable = deviating.filter(({ result }) => result === 'not-testable').length;
  const { rating, because } = rate(actions, isCritical);
  const counts = `${deviating.length.toLocaleString('en')} of ${actions.length.toLocaleString('en')}`;
  return {
    attribute,
    lob,
    title: `${attribute}: ${counts} tested samples deviate`,
    rating,
    text: [
      `${lob}: ${attribute} of ${counts} tested samples deviates from the evidence (${splitOf(deviating.length, notTestable)}).`,
      drawnOf(actions),
      `Rated ${rating}: ${because}.`,
      ...examplesOf(deviating),
    ].join('\n'),
    recommendation: `Correct ${attribute} of these rows at its source, find the cause, and look for other rows that it touched.`,
    tested: actions.length,
    deviations: deviating.length,
    notTestable,
    sampleKeys: keys.slice(0, shownKeys).join(', '),
  };
}

function splitOf(deviations: number, notTestable: number): string {
  const failed = `${(deviations - notTestable).toLocaleString('en')} failed`;
  return notTestable === 0
    ? failed
    : `${failed}, ${notTestable.toLocaleString('en')} not testable, which counts as a deviation`;
}

/** Random and targeted samples told apart: only the random ones say something about the rows that were not tested. */
function drawnOf(actions: readonly TestActionBody[]): string {
  const say = (random: boolean): string => {
    const of = actions.filter((action) => action.random === random);
    const deviations = of.filter(({ result }) => isDeviation(result)).length;
    return `${deviations.toLocaleString('en')} of ${of.length.toLocaleString('en')}`;
  };
  return actions.every(({ random }) => random)
    ? 'All of these samples were drawn at random.'
    : `Drawn at random: ${say(true)} deviate; targeted: ${say(false)}.`;
}

/**
 * The rule, which the text states. By the rate of deviations among random samples (among all, when only targeted ones were tested):
 * high from one in ten, medium from one in twenty, low below; a critical data element is one step higher.
 */
function rate(actions: readonly TestActionBody[], isCritical: boolean): { rating: Risk; because: string } {
  const drawn = actions.filter(({ random }) => random);
  const of = drawn.length > 0 ? drawn : actions;
  const deviations = of.filter(({ result }) => isDeviation(result)).length;
  const isHigh = deviations * 10 >= of.length;
  const isMedium = !isHigh && deviations * 20 >= of.length;
  const words = isHigh ? 'at least one in ten' : isMedium ? 'at least one in twenty' : 'less than one in twenty';
  const kind = drawn.length > 0 ? 'random' : 'targeted';
  const because = `${words} of the ${kind} samples deviates`;
  if (!isCritical) return { rating: isHigh ? 'high' : isMedium ? 'medium' : 'low', because };
  return {
    rating: isHigh || isMedium ? 'high' : 'medium',
    because: `${because}, one step higher for a critical data element`,
  };
}

function examplesOf(deviating: readonly TestActionBody[]): string[] {
  const lines = deviating.slice(0, shownExamples).map((action) => {
    const { itemKey, expected, found, result, notTestableReason, locator } = action;
    if (result === 'not-testable') return `- ${itemKey}: not testable, ${shown(notTestableReason)}`;
    const where = locator === '' ? '' : ` (${shown(locator)})`;
    return `- ${itemKey}: expected ${shown(expected)}, found ${shown(found)}${where}`;
  });
  const more = deviating.length - shownExamples;
  return more > 0 ? [...lines, `- and ${more.toLocaleString('en')} more`] : lines;
}

function shown(value: TestActionBody['found']): string {
  if (value === null) return 'nothing';
  const text = String(value).replaceAll(/\s+/gu, ' ');
  return text.length <= shownLength ? text : `${text.slice(0, shownLength - 1)}…`;
}
