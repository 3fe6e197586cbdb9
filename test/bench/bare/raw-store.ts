// The store's rows of pushed decisions, inserted by hand with better-sqlite3: the same schema (the real migrations), indexes and pragmas,
// one transaction an operation as the store makes them. It verifies nothing and decides nothing.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { SignedOperation } from '../../../domain/operation.ts';
import { openStore } from '../../../worker/store/store.ts';

const at = '2026-11-21T09:00:00.000Z';
type Row = Readonly<Record<string, string | number | null>>;
type Table = (row: Row) => void;

/** Makes the database, and what the rows refer to. Answers with the insert of one operation. */
export async function openRawStore(
  folder: string,
  reportId: string,
  versionId: string,
  itemKeys: readonly string[],
): Promise<{ apply(signed: SignedOperation): string; close(): void }> {
  const file = join(folder, 'raw-store.db');
  await (await openStore({ file })).close();
  const db = new Database(file);
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON']) db.pragma(pragma);
  const tables = new Map<string, Table>();
  const into = (table: string, row: Row): void => {
    const known = tables.get(table) ?? inserter(db, table, Object.keys(row));
    tables.set(table, known);
    known(row);
  };
  const feed = `report:${reportId}`;
  into('people', { person_id: 'olga', name: 'Olga', roles_text: '[]', active: 1 });
  const device = { device_id: 'device-1', person_id: 'olga', label: 'a', public_key: 'k', status: 'approved' };
  into('devices', { ...device, enrolled_at: at, operation_sequence: 0, pull_sequence: 0 });
  into('cycles', { cycle_id: 'cycle-01', name: 'c', started_by: 'olga', started_at: at });
  const report = { report_id: reportId, cycle_id: 'cycle-01', position: 0, name: 'r', redraws: 0 };
  into('reports', { ...report, phases_text: '[]', ledger_length: 0, ledger_hash: '' });
  into('feeds', { feed, head: 0 });
  const version = {
    version_id: versionId,
    cycle_id: 'cycle-01',
    report_id: reportId,
    phase: 'sample-selection',
    lob: '',
  };
  into('versions', {
    ...{ ...version, number: 1, status: 'pending', master_record_id: versionId, revision: 0, author_id: 'olga' },
    ...{ created_at: at, item_count: itemKeys.length, pending_count: itemKeys.length, approved_count: 0 },
    ...{ rejected_count: 0, summary_text: '{}', workflow_text: '{}', operation_id: 'o', idempotency_key: 'i' },
  });
  into('bodies', { content_hash: 'h', body_text: '{}' });
  const addItems = db.transaction(() => {
    for (const [position, item_key] of itemKeys.entries()) {
      const item = { version_id: versionId, position, item_key, content_hash: 'h' };
      into('items', { ...item, source_text: '{}', origin_text: '{}' });
    }
  });
  addItems();
  let [sequence, entries] = [0, 0];
  const tell = (kind: string, change: object): void => {
    sequence += 1;
    into('changes', { feed, sequence, audience: null, kind, body_text: JSON.stringify({ kind, ...change }) });
  };
  const moveHead = db.prepare('UPDATE feeds SET head = ? WHERE feed = ?');

  const apply = db.transaction(({ operation, signature }: SignedOperation): string => {
    const { operationId, actorId, deviceId, decidedAt, body } = operation;
    const times = { decided_at: decidedAt, received_at: at, applied_at: at };
    const receipt = { operationId, kind: body.kind, actorId, deviceId, sequence: operation.sequence, state: 'applied' };
    const receiptWhole = { ...receipt, reason: null, items: [], receivedAt: at, appliedAt: at };
    into('operations', {
      ...{ operation_id: operationId, kind: body.kind, actor_id: actorId, device_id: 'device-1', ...times },
      ...{
        sequence: operation.sequence,
        target: `report/${reportId}`,
        report_id: reportId,
        signature,
        state: 'applied',
      },
      ...{ body_text: JSON.stringify(operation), follow_ups_text: '[]', follow_up_done_at: null },
    });
    into('receipts', { operation_id: operationId, receipt_text: JSON.stringify(receiptWhole) });
    const decided = body.kind === 'decisions.record' ? body.decisions : [];
    for (const { itemKey, decision } of decided) {
      const { verdict, reasonCode, note } = decision;
      const named = { version_id: versionId, item_key: itemKey, operation_id: operationId, verdict };
      into('decisions', { ...named, reason_code: reasonCode, note, actor_id: actorId, ...times });
      into('verdicts', named);
    }
    const decisions = decided.map(({ itemKey, decision }) => {
      return { versionId, itemKey, ...decision, actorId, operationId, decidedAt, receivedAt: at, appliedAt: at };
    });
    if (decisions.length > 0) tell('decisions', { versionId, decisions });
    tell('receipt', { receipt: receiptWhole });
    entries += 1;
    into('ledger', {
      ...{
        report_id: reportId,
        sequence: entries,
        entry_key: operationId,
        kind: body.kind,
        actor_id: actorId,
        ...times,
      },
      ...{
        device_id: deviceId,
        operation_id: operationId,
        version_id: versionId,
        summary: 'decided',
        detail_text: '{}',
      },
      ...{ previous_hash: '', hash: String(entries) },
    });
    tell('ledger', { entries: [{ operationId, summary: 'decided' }] });
    moveHead.run(sequence, feed);
    return JSON.stringify(receiptWhole);
  });
  return { apply: (signed) => apply.immediate(signed), close: () => void db.close() };
}

function inserter(db: Database.Database, table: string, columns: string[]): Table {
  const places = columns.map(() => '?').join(', ');
  const insert = db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`);
  return (row) => void insert.run(columns.map((name) => row[name]));
}
