// Owns the sections that say how the work went: rejected samples, redraws, skipped phases, deadlines, documents, re-performance. Pure.
import type { DocumentBody } from '../audit-record.ts';
import type { Json } from '../canonical.ts';
import { reasonCodes, reasonRules } from '../decision.ts';
import { phases } from '../phases.ts';
import { rejectedSamples } from '../rejections.ts';
import type { RejectedSample } from '../rejections.ts';
import { approvedOf, nameOf, section } from '../report-facts.ts';
import type { ReportFacts, Section } from '../report-facts.ts';
import { count, lineName, listed } from './wording.ts';

type Fields = [string, string | number][];

export function rejectionsSection(facts: ReportFacts): Section {
  const rejected = rejectedSamples(facts.drawn);
  const outcomes = (kind: RejectedSample['outcome']['kind']) =>
    rejected.filter(({ outcome }) => outcome.kind === kind).length;
  const reasons = reasonCodes.flatMap((code): Fields => {
    const found = rejected.filter(({ reasonCode }) => reasonCode === code).length;
    return found === 0 ? [] : [[`reason: ${reasonRules[code].name}`, found]];
  });
  const each = rejected.map((row, index): Fields[number] => [`rejection ${index + 1}`, rejectionWords(facts, row)]);
  const [replaced, kept] = [outcomes('replaced'), outcomes('kept')];
  const drawnAnew = outcomes('drawn-anew');
  // Their rows need not have been decided one by one.
  const whole = facts.drawn.filter(({ version }) => version.reviewVerdict === 'rejected');
  return section(
    'rejections',
    'Samples that the report owner rejected',
    rejected.length + whole.length === 0
      ? 'The report owner rejected no sample.'
      : [
          rejected.length === 0
            ? 'No sample was rejected by itself.'
            : `${count(rejected.length, 'rejection')}: ${replaced} replaced, ${kept} kept with a rationale, ${drawnAnew} gone with a redraw.`,
          ...(whole.length === 0
            ? []
            : [`${count(whole.length, 'version was', 'versions were')} rejected as a whole.`]),
        ].join(' '),
    {
      ...{ rejections: rejected.length, replaced, kept, drawnAnew, unanswered: outcomes('unanswered') },
      wholeVersions: whole.length,
      ...Object.fromEntries([...reasons, ...each, ...whole.map((row) => wholeRejection(facts, row))]),
    },
  );
}

function wholeRejection(facts: ReportFacts, { version, items }: ReportFacts['drawn'][number]): Fields[number] {
  const { lob, number, reviewedBy, reviewedAt, reviewNote } = version;
  const where = lob === null ? `version ${number}` : `version ${number} of ${lob}`;
  const by = reviewedBy === null ? '' : ` by ${nameOf(facts, reviewedBy)}`;
  return [
    `${where} as a whole`,
    `${count(items.length, 'sample')} rejected${by} at ${reviewedAt ?? 'an unknown time'}: ${reviewNote ?? 'no reason given'}`,
  ];
}

function rejectionWords(facts: ReportFacts, row: RejectedSample): string {
  const { lob, versionNumber, itemKey, reasonCode, note, by, outcome } = row;
  const where = lob === null ? `version ${versionNumber}` : `version ${versionNumber} of ${lob}`;
  const why = `${reasonCode ? reasonRules[reasonCode].name : 'no reason'}${note === '' ? '' : ` (${note})`}`;
  return `${itemKey} in ${where}, by ${nameOf(facts, by)} as ${why}: ${outcomeWords(outcome)}`;
}

function outcomeWords(outcome: RejectedSample['outcome']): string {
  switch (outcome.kind) {
    case 'replaced':
      return `replaced by ${outcome.by}`;
    case 'kept':
      return `kept: ${outcome.rationale}`;
    case 'drawn-anew':
      return 'the sample was drawn anew';
    case 'unanswered':
      return 'not answered';
  }
}

export function redrawsSection(facts: ReportFacts): Section {
  const redrawn = facts.drawn.filter(({ version }) => version.number > 1 && version.parentVersionId === null);
  const each = redrawn.map(({ version, redrawReason }): Fields[number] => [
    version.lob === null ? `version ${version.number}` : `version ${version.number} of ${version.lob}`,
    `drawn anew by ${nameOf(facts, version.authorId)} at ${version.createdAt}: ${redrawReason ?? 'no reason given'}`,
  ]);
  return section(
    'redraws',
    'Redraws',
    redrawn.length === 0
      ? 'No sample was drawn again.'
      : `${count(redrawn.length, 'sample was', 'samples were')} drawn again after the first draw.`,
    { redraws: redrawn.length, ...Object.fromEntries(each) },
  );
}

export function skippedSection(facts: ReportFacts): Section {
  const skipped = facts.report.phases.filter(({ state }) => state === 'skipped');
  const cancelled = facts.report.lobs.filter(({ status }) => status === 'cancelled');
  const each: Fields = [
    ...skipped.map((line): Fields[number] => [lineName(line), `${line.reason} (${whoSkipped(facts, line)})`]),
    ...cancelled.map(({ lob, reason }): Fields[number] => [`line of business ${lob}`, `cancelled: ${reason}`]),
  ];
  return section(
    'skipped',
    'What was left out',
    each.length === 0
      ? 'No phase was skipped and no line of business was cancelled.'
      : `${count(skipped.length, 'phase was', 'phases were')} skipped, ${count(cancelled.length, 'line of business', 'lines of business')} cancelled.`,
    { skippedPhases: skipped.length, cancelledLobs: cancelled.length, ...Object.fromEntries(each) },
  );
}

/** A test manager who wanted it so, or the flow, which leaves out what there is nothing for. */
function whoSkipped({ report, ...facts }: ReportFacts, line: ReportFacts['report']['phases'][number]): string {
  const asked = report.skips.find(
    ({ phase, lob, reason }) => phase === line.phase && (lob === line.lob || lob === null) && reason === line.reason,
  );
  return asked ? nameOf({ report, ...facts }, asked.by) : 'by rule';
}

export function deadlinesSection(facts: ReportFacts): Section {
  const each = facts.expired.map((row, index): Fields[number] => [
    `deadline ${index + 1}`,
    `${lineName(row)} was due ${row.dueAt} and was not done by then`,
  ]);
  return section(
    'deadlines',
    'Deadlines that passed',
    each.length === 0 ? 'No deadline passed.' : `${count(each.length, 'deadline')} passed before the work was done.`,
    { expired: each.length, ...Object.fromEntries(each) },
  );
}

export function documentsSection(facts: ReportFacts): Section {
  const versions = approvedOf(facts, 'request-info');
  const documents = versions.flatMap(({ version, items }) =>
    items.map(({ itemKey, body }) => ({ lob: version.lob ?? '', documentId: itemKey, document: body as DocumentBody })),
  );
  const each = documents.flatMap(({ lob, documentId, document }): Fields => {
    const { title, fileName, fileHash, effectiveDate, submission } = document;
    const again = submission > 1 ? `, handed in ${submission} times` : '';
    return [
      [
        `${lob}: document ${documentId}`,
        `${title} (${fileName}), effective ${effectiveDate}, SHA-256 ${fileHash}${again}`,
      ],
    ];
  });
  const perLob = versions.map(({ version, items }): Fields[number] => [
    `${version.lob ?? ''}: documents`,
    items.length,
  ]);
  return section(
    'documents',
    'Documents',
    documents.length === 0
      ? 'No document was handed in.'
      : `${count(documents.length, 'document')} from ${count(versions.length, 'line of business', 'lines of business')} were accepted as evidence.`,
    { documents: documents.length, ...Object.fromEntries([...perLob, ...each]) },
  );
}

function itemsHashOf(hash: Json | undefined): string {
  return typeof hash === 'string' ? hash : 'not hashed';
}

const recipe = [
  'To re-perform this report, take the population by its SHA-256.',
  'Keys are ordered by value when all are whole numbers of at most 18 digits, else by their UTF-8 bytes.',
  'A sample over strata gives each stratum its share by largest remainder and at least one; each stratum is drawn by its sub-seed with the named generator and algorithm.',
  'A replacement is the next row of the same stratum in the order of the draw.',
  'Found and expected values are compared to the letter, without the white space around them; a number equals the text that says it.',
  'An upper limit is the largest number of deviating rows at which so few deviations would show with a probability above the risk, divided by the rows of the population; only random samples count, and what was not tested counts as a deviation.',
  'Versions are named by the hash of their items, and the ledger by the hash of its last entry when this report was assembled.',
].join(' ');

export function reperformanceSection(facts: ReportFacts): Section {
  const order = phases.map(({ slug }) => slug);
  const versions = order.flatMap((slug) => approvedOf(facts, slug).map(({ version }) => version));
  const plans = facts.drawn.filter(({ version, plan }) => version.status === 'approved' && plan !== null);
  const each = versions.map((version): Fields[number] => [
    version.lob === null ? version.phase : `${version.phase} / ${version.lob}`,
    `version ${version.number}, ${version.versionId}, items ${itemsHashOf(version.summary['itemsHash'])}`,
  ]);
  return section('re-performance', 'Re-performance', recipe, {
    populationSha256: facts.population?.populationHash ?? null,
    plans: listed(plans.map(({ plan }) => plan?.planId ?? '')),
    ...Object.fromEntries(each),
    ledgerEntries: facts.ledger.length,
    ledgerHash: facts.ledger.hash,
  });
}
