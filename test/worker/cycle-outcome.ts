// Owns what a cycle came to, read from the store and told without ids, times and hashes of ids: two cycles of the same inputs came to the
// same when their outcomes are equal. Knows neither how they were driven nor what befell them.
import type { Kysely } from 'kysely';
import type { Verdict } from '../../domain/decision.ts';
import type { ItemBody } from '../../domain/version.ts';
import type { Schema } from '../../worker/store/schema.ts';
import { readVersionItems, versionsOf } from '../../worker/store/version-rows.ts';

/** Each list sorted, one text for each row. */
export interface Outcome {
  /** By `phase LOB number`. */
  versions: Record<string, ToldVersion>;
  operations: string[];
  receipts: string[];
  ledger: string[];
  records: string[];
  decisions: string[];
  signOffs: string[];
  versionLog: string[];
  notifications: string[];
  recommendations: string[];
  lines: string[];
}

export interface ToldVersion {
  header: string;
  /** In their order. */
  items: ToldItem[];
}

export interface ToldItem {
  itemKey: string;
  body: string;
  verdict: Verdict;
  /** Source and origin. */
  came: string;
  /** As it is in the store: of a body that holds ids it differs from cycle to cycle. */
  contentHash: string;
}

/** Everything of one report. */
export async function outcomeOf(db: Kysely<Schema>, reportId: string): Promise<Outcome> {
  const rows = await db
    .selectFrom('versions')
    .selectAll()
    .where('report_id', '=', reportId)
    .orderBy('phase')
    .orderBy('lob')
    .orderBy('number')
    .execute();
  const versionIds = rows.map((row) => row.version_id);
  const plain = await plainWords(db, reportId, rows);
  const of = <Table extends 'records' | 'notifications' | 'recommendations' | 'version_operations' | 'ledger'>(
    table: Table,
  ) =>
    db
      .selectFrom(table as 'records')
      .selectAll()
      .where('report_id', '=', reportId)
      .execute() as unknown as Promise<Schema[Table][]>;
  const all = (each: readonly object[], ...without: string[]): string[] =>
    each.map((row) => plain(Object.entries(row).filter(([name]) => !without.includes(name)))).toSorted();
  const operations = await db.selectFrom('operations').selectAll().where('report_id', '=', reportId).execute();
  const { phases_text: lines, lobs_text: lobs } = await db
    .selectFrom('reports')
    .select(['phases_text', 'lobs_text'])
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
  return {
    versions: await versionsTold(db, rows, plain),
    operations: all(
      operations.map((row) => ({ ...row, follow_up_done_at: row.follow_up_done_at === null ? 'not done' : 'done' })),
      ...['body_text', 'signature'],
    ),
    receipts: all(
      await db
        .selectFrom('receipts')
        .selectAll()
        .where(
          'operation_id',
          'in',
          operations.map((row) => row.operation_id),
        )
        .execute(),
    ),
    // Its place in the chain depends on what else happened at once; the chain itself is checked where it is known.
    ledger: all(await of('ledger'), 'sequence', 'previous_hash', 'hash'),
    records: all(await of('records')),
    decisions: all(await db.selectFrom('decisions').selectAll().where('version_id', 'in', versionIds).execute()),
    signOffs: all(await db.selectFrom('sign_offs').selectAll().where('version_id', 'in', versionIds).execute()),
    versionLog: all(await of('version_operations')),
    notifications: all(await of('notifications')),
    recommendations: all(await of('recommendations')),
    lines: [...(JSON.parse(lines) as unknown[]), ...(JSON.parse(lobs) as unknown[])].map(plain),
  };
}

/** Says a version as people know it. */
export const versionName = ({ phase, lob, number }: Pick<Schema['versions'], 'phase' | 'lob' | 'number'>): string =>
  [phase, lob, String(number)].filter((word) => word !== '').join(' ');

async function versionsTold(
  db: Kysely<Schema>,
  rows: readonly Schema['versions'][],
  plain: (value: unknown) => string,
): Promise<Outcome['versions']> {
  const told: Outcome['versions'] = {};
  for (const [index, header] of (await versionsOf(db, rows)).entries()) {
    const items = await readVersionItems(db, header.versionId);
    const { workflow, ...rest } = header;
    told[versionName(rows[index] as Schema['versions'])] = {
      header: plain({ ...rest, workflowId: workflow.workflowId, activityName: workflow.activityName }),
      items: items.map(({ itemKey, body, source, origin, verdict, contentHash }) => ({
        ...{ itemKey, body: plain(body), verdict, came: plain({ source, origin }), contentHash },
      })),
    };
  }
  return told;
}

/**
 * Puts names for what differs from cycle to cycle: ids by what they are of, times, hashes of texts that hold ids. A hash of the
 * population or of a document stays.
 */
async function plainWords(
  db: Kysely<Schema>,
  reportId: string,
  versions: readonly Schema['versions'][],
): Promise<(value: unknown) => string> {
  const names = new Map<string, string>([[reportId, 'REPORT']]);
  const first = versions[0];
  if (first) names.set(first.cycle_id, 'CYCLE');
  for (const row of versions) names.set(row.version_id, `VERSION ${versionName(row)}`);
  const operations = await db.selectFrom('operations').selectAll().execute();
  for (const row of operations) {
    names.set(row.operation_id, `OPERATION ${row.actor_id} ${row.sequence}`);
    names.set(row.device_id, `DEVICE ${row.actor_id}`);
  }
  for (const fileHash of await fileHashes(db, reportId)) names.set(fileHash, fileHash);
  return (value) =>
    JSON.stringify(value)
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/gu, 'TIME')
      .replaceAll(/(?<=stepId\W+)\d+/gu, 'STEP')
      .replaceAll(/[rv]-[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu, (id) => {
        return names.get(id) ?? (id.length === 64 ? 'HASH' : 'ID');
      });
}

async function fileHashes(db: Kysely<Schema>, reportId: string): Promise<string[]> {
  const populations = await db.selectFrom('populations').select('population_hash').execute();
  const documents = await db
    .selectFrom('records')
    .select('body_text')
    .where('report_id', '=', reportId)
    .where('phase', '=', 'request-info')
    .execute();
  return [
    ...populations.map((row) => row.population_hash),
    ...documents.map((row) => String((JSON.parse(row.body_text) as ItemBody)['fileHash'])),
  ];
}

/** What stands in one and not in the other, `-` for the expected one; empty when they came to the same. */
export function differences(expected: Outcome, found: Outcome): string[] {
  const [left, right] = [linesOf(expected), linesOf(found)];
  return [...without(left, right).map((line) => `- ${line}`), ...without(right, left).map((line) => `+ ${line}`)];
}

function linesOf({ versions, ...lists }: Outcome): string[] {
  const ofVersions = Object.entries(versions).flatMap(([name, { header, items }]) => [
    `${name}: ${header}`,
    ...items.map(({ itemKey, body, verdict, came }, at) => `${name}, ${at} ${itemKey} ${verdict}: ${body} ${came}`),
  ]);
  return [...ofVersions, ...Object.entries(lists).flatMap(([list, rows]) => rows.map((row) => `${list}: ${row}`))];
}

/** Lines that the others do not have, or not so often. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const times = left.get(line) ?? 0;
    left.set(line, times - 1);
    return times <= 0;
  });
}
