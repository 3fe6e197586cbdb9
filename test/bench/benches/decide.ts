// Row 5: deciding, durable, with the outbox. Ours goes the way of the commands; raw is a hand-written better-sqlite3 loop on the same
// schema, indexes and pragmas: it finds each item by its key, binds the decision to its content and writes it. It knows no drafts
// that lie over the cache, keeps no counts and asks nobody whether the person may do this.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { signedText } from '../../../domain/operation.ts';
import { recordDecisions, submitReview } from '../../../main/core/desk/decisions.ts';
import { outboxMigrations } from '../../../main/core/outbox/migrations.ts';
import { profileFiles } from '../../../main/core/profiles.ts';
import { openSqlite } from '../../../main/core/sqlite.ts';
import type { Sqlite } from '../../../main/core/sqlite.ts';
import { asShown, reportId } from '../../main/core/desk-builder.ts';
import { quantile, timed } from '../bench.ts';
import type { Bench, Figures } from '../bench.ts';
import { makeLaptop, openLaptop, sampleThings, versionId } from '../cached-laptop.ts';

const itemCount = 10_000;
const singleCount = 400;
const perOperation = 500;

/** What a screen hands over when everything that is shown is approved. */
const shown = () => sampleThings(itemCount).map((thing) => asShown(thing));

async function core(folder: string): Promise<Figures> {
  const { core, olga } = openLaptop(folder);
  const decisions = shown();
  const record = await timed(() => recordDecisions(olga, { versionId, decisions }));
  const submit = await timed(() => submitReview(olga, { versionId, verdict: 'approved', note: '' }, olga.author));
  await core.close();
  return { record: record.ms, submit: submit.ms, both: record.ms + submit.ms };
}

async function coreOneByOne(folder: string): Promise<Figures> {
  const { core, olga } = openLaptop(folder);
  const took: number[] = [];
  for (const decision of shown().slice(0, singleCount)) {
    took.push((await timed(() => recordDecisions(olga, { versionId, decisions: [decision] }))).ms);
  }
  await core.close();
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

async function raw(folder: string): Promise<Figures> {
  const files = openRaw(folder);
  const decisions = shown();
  const recordAll = rawRecord(files);
  const record = await timed(() => recordAll(decisions));
  const submit = await timed(() => rawSubmit(files.db));
  closeRaw(files);
  return { record: record.ms, submit: submit.ms, both: record.ms + submit.ms };
}

async function rawOneByOne(folder: string): Promise<Figures> {
  const files = openRaw(folder);
  const record = rawRecord(files);
  const took: number[] = [];
  for (const decision of shown().slice(0, singleCount)) took.push((await timed(() => record([decision]))).ms);
  closeRaw(files);
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99) };
}

type Shown = ReturnType<typeof asShown>;

/** Where decisions are written, and the cache, which is only read. */
interface Raw {
  db: Sqlite;
  cache: Sqlite;
}

function openRaw(folder: string): Raw {
  const opened = openSqlite({
    ...{ file: join(folder, 'raw.db'), migrations: outboxMigrations, synchronous: 'full', check: 'always' },
    what: 'the raw database',
  });
  if (opened.kind === 'broken') throw new Error(opened.reason);
  return { db: opened.db, cache: new Database(profileFiles(folder, 'olga').cache, { readonly: true }) };
}

function closeRaw({ db, cache }: Raw): void {
  db.close();
  cache.close();
}

/** One row a decision, and nothing before it on the same item stays the last word: the least that this schema allows. */
function rawRecord({ db, cache }: Raw): (decisions: readonly Shown[]) => void {
  const displace = db.prepare('UPDATE decisions SET current = 0 WHERE version_id = ? AND item_key = ? AND current = 1');
  const insert = db.prepare(`INSERT INTO decisions (report_id, version_id, item_key, content_hash, seen_verdict,
    seen_version_number, verdict, reason_code, note, decided_at, undo_group, current, state)
    VALUES (?, ?, ?, ?, 'pending', 1, ?, ?, ?, ?, ?, 1, 'draft')`);
  const find = cache.prepare<[string], string>(`SELECT lower(hex(b.content_hash)) FROM versions v
    JOIN items i ON i.version_row = v.version_row JOIN bodies b ON b.body_row = i.body_row
    WHERE v.version_id = '${versionId}' AND i.item_key = ?`);
  const contentHashOf = find.pluck();
  let group = 0;
  const all = db.transaction((decisions: readonly Shown[]) => {
    group += 1;
    const at = new Date().toISOString();
    for (const { itemKey, contentHash, decision } of decisions) {
      if (contentHashOf.get(itemKey) !== contentHash) throw new Error(`${itemKey} has other contents`);
      displace.run(versionId, itemKey);
      const { verdict, reasonCode, note } = decision;
      insert.run(reportId, versionId, itemKey, contentHash, verdict, reasonCode, note, at, group);
    }
  });
  // One read transaction around the loop spares a lock per item.
  return (decisions) => cache.transaction(() => all.immediate(decisions))();
}

interface Draft {
  decision_id: number;
  item_key: string;
  content_hash: string;
  verdict: string;
  note: string;
}

/** The drafts as signed operations of 500 and one for the review. Signing is part of the job: no other client could leave it out. */
function rawSubmit(db: Sqlite): void {
  const drafts = db.prepare<[string], Draft>(`SELECT decision_id, item_key, content_hash, verdict, note FROM decisions
    WHERE version_id = ? AND current = 1 AND state = 'draft' ORDER BY decision_id`);
  const insert = db.prepare(`INSERT INTO operations (operation_id, sequence, kind, target_kind, target_id, report_id,
    version_id, actor_id, device_id, decided_at, body, byte_count, item_count, signature, state, attempts)
    VALUES (?, ?, ?, 'report', ?, ?, ?, 'olga', 'device-1', ?, ?, ?, ?, ?, 'queued', 0)`);
  const enqueue = db.prepare("UPDATE decisions SET state = 'queued', operation_id = ? WHERE decision_id = ?");
  const { privateKey } = generateKeyPairSync('ed25519');
  const decidedAt = new Date().toISOString();
  let sequence = 0;
  const queue = (kind: string, rest: object, items: number): string => {
    const operationId = randomUUID();
    sequence += 1;
    const body = { kind, reportId, versionId, ...rest };
    const operation = { actorId: 'olga', body, decidedAt, deviceId: 'device-1', operationId, sequence };
    const text = signedText('operation', operation);
    const signature = sign(null, Buffer.from(text), privateKey).toString('base64url');
    const values = [decidedAt, JSON.stringify(body), text.length, items, signature];
    insert.run(operationId, sequence, kind, reportId, reportId, versionId, ...values);
    return operationId;
  };
  db.transaction(() => {
    const rows = drafts.all(versionId);
    for (let from = 0; from < rows.length; from += perOperation) {
      const group = rows.slice(from, from + perOperation);
      const decisions = group.map(({ item_key, content_hash, verdict, note }) => ({
        itemKey: item_key,
        contentHash: content_hash,
        seenVerdict: 'pending',
        decision: { verdict, reasonCode: null, note },
      }));
      const operationId = queue('decisions.record', { decisions }, group.length);
      for (const { decision_id } of group) enqueue.run(operationId, decision_id);
    }
    const seen = { approved: rows.length, rejected: 0, pending: 0 };
    queue('review.submit', { verdict: 'approved', note: '', seen }, 1);
  }).immediate();
}

export const bench: Bench = {
  name: 'decide',
  shows: 'row 5: 10,000 items decided, durable, with the outbox; and one at a time',
  rounds: 7,
  fixture: (folder) => makeLaptop(folder, itemCount),
  contestants: { core, raw, 'core one by one': coreOneByOne, 'raw one by one': rawOneByOne },
  comparisons: [
    {
      says: '10,000 decided',
      ours: { contestant: 'core', figure: 'record' },
      theirs: { contestant: 'raw', figure: 'record' },
      goal: { kind: 'times', most: 1.25 },
    },
    {
      says: '10,000 decided and submitted, signed',
      ours: { contestant: 'core', figure: 'both' },
      theirs: { contestant: 'raw', figure: 'both' },
      goal: { kind: 'times', most: 1.25 },
    },
    {
      says: 'one decision, p99',
      ours: { contestant: 'core one by one', figure: 'p99' },
      theirs: { contestant: 'raw one by one', figure: 'p99' },
      goal: { kind: 'plus-ms', most: 0.3 },
    },
  ],
};
