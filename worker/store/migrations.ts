// Owns how the store's tables came to be: an append-only list, position = version. Knows no rule and no engine.
import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';
import { longLives } from './migrate-long-lives.ts';
import { wholeCycle } from './migrate-whole-cycle.ts';
import type { Schema } from './schema.ts';

/** One step of the schema. Never changed once released: a later one corrects it. */
export type Migration = (trx: Transaction<Schema>) => Promise<void>;

async function peopleAndReports(trx: Transaction<Schema>): Promise<void> {
  const { schema } = trx;
  await schema
    .createTable('people')
    .addColumn('person_id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('roles_text', 'text', (c) => c.notNull())
    .addColumn('email', 'text')
    .addColumn('active', 'integer', (c) => c.notNull())
    .execute();
  await schema
    .createTable('listed_keys')
    .addColumn('public_key', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .execute();
  await schema
    .createTable('devices')
    .addColumn('device_id', 'text', (c) => c.primaryKey())
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull().unique())
    .addColumn('status', 'text', (c) => c.notNull().check(sql`status in ('waiting', 'approved', 'revoked')`))
    .addColumn('enrolled_at', 'text', (c) => c.notNull())
    .addColumn('decided_by', 'text')
    .addColumn('decided_at', 'text')
    .addColumn('operation_sequence', 'bigint', (c) => c.notNull())
    .addColumn('pull_sequence', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('cycles')
    .addColumn('cycle_id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('started_by', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('started_at', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('reports')
    .addColumn('report_id', 'text', (c) => c.primaryKey())
    .addColumn('cycle_id', 'text', (c) => c.notNull().references('cycles.cycle_id'))
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('due_at', 'text')
    .addColumn('redraws', 'integer', (c) => c.notNull())
    .addColumn('phases_text', 'text', (c) => c.notNull())
    .addColumn('ledger_length', 'integer', (c) => c.notNull())
    .addColumn('ledger_hash', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('assignments')
    .addColumn('report_id', 'text', (c) => c.notNull().references('reports.report_id'))
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('role', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('assignments_key', ['report_id', 'person_id', 'role'])
    .execute();
  await schema.createIndex('assignments_person').on('assignments').column('person_id').execute();
}

async function feedsAndLedger(trx: Transaction<Schema>): Promise<void> {
  const { schema } = trx;
  await schema
    .createTable('feeds')
    .addColumn('feed', 'text', (c) => c.primaryKey())
    .addColumn('head', 'integer', (c) => c.notNull())
    .execute();
  await schema
    .createTable('changes')
    .addColumn('feed', 'text', (c) => c.notNull().references('feeds.feed'))
    .addColumn('sequence', 'integer', (c) => c.notNull())
    .addColumn('audience', 'text')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('body_text', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('changes_key', ['feed', 'sequence'])
    .execute();
  await schema
    .createTable('ledger')
    .addColumn('report_id', 'text', (c) => c.notNull().references('reports.report_id'))
    .addColumn('sequence', 'integer', (c) => c.notNull())
    .addColumn('entry_key', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('actor_id', 'text', (c) => c.notNull())
    .addColumn('device_id', 'text')
    .addColumn('operation_id', 'text')
    .addColumn('version_id', 'text')
    .addColumn('summary', 'text', (c) => c.notNull())
    .addColumn('detail_text', 'text', (c) => c.notNull())
    .addColumn('decided_at', 'text')
    .addColumn('received_at', 'text', (c) => c.notNull())
    .addColumn('applied_at', 'text', (c) => c.notNull())
    .addColumn('previous_hash', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('ledger_key', ['report_id', 'sequence'])
    .addUniqueConstraint('ledger_entry_key', ['report_id', 'entry_key'])
    .execute();
}

async function operations(trx: Transaction<Schema>): Promise<void> {
  const { schema } = trx;
  await schema
    .createTable('operations')
    .addColumn('operation_id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('actor_id', 'text', (c) => c.notNull())
    .addColumn('device_id', 'text', (c) => c.notNull().references('devices.device_id'))
    .addColumn('sequence', 'bigint', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('report_id', 'text')
    .addColumn('body_text', 'text', (c) => c.notNull())
    .addColumn('signature', 'text', (c) => c.notNull())
    .addColumn('decided_at', 'text')
    .addColumn('received_at', 'text', (c) => c.notNull())
    .addColumn('applied_at', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('follow_ups_text', 'text', (c) => c.notNull())
    .addColumn('follow_up_done_at', 'text')
    .execute();
  await schema.createIndex('operations_sequence').on('operations').columns(['device_id', 'sequence']).execute();
  await schema.createIndex('operations_report').on('operations').columns(['report_id', 'kind']).execute();
  await schema
    .createTable('receipts')
    .addColumn('operation_id', 'text', (c) => c.primaryKey().references('operations.operation_id'))
    .addColumn('receipt_text', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('dead_letters')
    .addColumn('dead_letter_id', 'text', (c) => c.primaryKey())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('received_at', 'text', (c) => c.notNull())
    .addColumn('message', 'text', (c) => c.notNull())
    .addColumn('raw_text', 'text', (c) => c.notNull())
    .execute();
}

async function samplesAndVersions(trx: Transaction<Schema>): Promise<void> {
  const { schema } = trx;
  await schema
    .createTable('populations')
    .addColumn('report_id', 'text', (c) => c.notNull().references('reports.report_id'))
    .addColumn('population_hash', 'text', (c) => c.notNull())
    .addColumn('file_name', 'text', (c) => c.notNull())
    .addColumn('file_size', 'bigint', (c) => c.notNull())
    .addColumn('key_column', 'text')
    .addColumn('imported_by', 'text', (c) => c.notNull())
    .addColumn('imported_at', 'text', (c) => c.notNull())
    .addColumn('operation_id', 'text', (c) => c.notNull())
    .addColumn('state_text', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('populations_key', ['report_id', 'population_hash'])
    .execute();
  await schema
    .createTable('plans')
    .addColumn('plan_id', 'text', (c) => c.primaryKey())
    .addColumn('report_id', 'text', (c) => c.notNull().references('reports.report_id'))
    .addColumn('recorded_by', 'text', (c) => c.notNull())
    .addColumn('plan_text', 'text', (c) => c.notNull())
    .addColumn('version_id', 'text')
    .execute();
  await schema
    .createTable('versions')
    .addColumn('version_id', 'text', (c) => c.primaryKey())
    .addColumn('cycle_id', 'text', (c) => c.notNull().references('cycles.cycle_id'))
    .addColumn('report_id', 'text', (c) => c.notNull().references('reports.report_id'))
    .addColumn('phase', 'text', (c) => c.notNull())
    .addColumn('lob', 'text', (c) => c.notNull())
    .addColumn('number', 'integer', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('review_verdict', 'text')
    .addColumn('parent_version_id', 'text')
    .addColumn('master_record_id', 'text', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('author_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('reviewed_by', 'text')
    .addColumn('reviewed_at', 'text')
    .addColumn('review_note', 'text')
    .addColumn('item_count', 'integer', (c) => c.notNull())
    .addColumn('pending_count', 'integer', (c) => c.notNull())
    .addColumn('approved_count', 'integer', (c) => c.notNull())
    .addColumn('rejected_count', 'integer', (c) => c.notNull())
    .addColumn('summary_text', 'text', (c) => c.notNull())
    .addColumn('workflow_text', 'text', (c) => c.notNull())
    .addColumn('plan_id', 'text')
    .addColumn('operation_id', 'text', (c) => c.notNull())
    .addColumn('idempotency_key', 'text', (c) => c.notNull().unique())
    .addUniqueConstraint('versions_number', ['cycle_id', 'report_id', 'lob', 'phase', 'number'])
    .addCheckConstraint('versions_counts', sql`item_count = pending_count + approved_count + rejected_count`)
    .execute();
  // At most one current version: the rule holds even against a fault of ours.
  await schema
    .createIndex('versions_current')
    .on('versions')
    .columns(['cycle_id', 'report_id', 'lob', 'phase'])
    .unique()
    .where(sql<boolean>`status = 'approved'`)
    .execute();
  await schema.createIndex('versions_plan').on('versions').column('plan_id').execute();
}

async function itemsAndDecisions(trx: Transaction<Schema>): Promise<void> {
  const { schema } = trx;
  await schema
    .createTable('bodies')
    .addColumn('content_hash', 'text', (c) => c.primaryKey())
    .addColumn('body_text', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('items')
    .addColumn('version_id', 'text', (c) => c.notNull().references('versions.version_id'))
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('item_key', 'text', (c) => c.notNull())
    .addColumn('content_hash', 'text', (c) => c.notNull().references('bodies.content_hash'))
    .addColumn('source_text', 'text', (c) => c.notNull())
    .addColumn('origin_text', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('items_key', ['version_id', 'position'])
    .addUniqueConstraint('items_item_key', ['version_id', 'item_key'])
    .execute();
  await schema
    .createTable('decisions')
    .addColumn('version_id', 'text', (c) => c.notNull())
    .addColumn('item_key', 'text', (c) => c.notNull())
    .addColumn('operation_id', 'text', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('reason_code', 'text')
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('actor_id', 'text', (c) => c.notNull())
    .addColumn('decided_at', 'text', (c) => c.notNull())
    .addColumn('received_at', 'text', (c) => c.notNull())
    .addColumn('applied_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('decisions_key', ['version_id', 'item_key', 'operation_id'])
    .addForeignKeyConstraint('decisions_item', ['version_id', 'item_key'], 'items', ['version_id', 'item_key'])
    .execute();
  await schema
    .createTable('verdicts')
    .addColumn('version_id', 'text', (c) => c.notNull())
    .addColumn('item_key', 'text', (c) => c.notNull())
    .addColumn('verdict', 'text', (c) => c.notNull())
    .addColumn('operation_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('verdicts_key', ['version_id', 'item_key'])
    .execute();
}

async function tracking(trx: Transaction<Schema>): Promise<void> {
  const { schema } = trx;
  await schema
    .createTable('version_operations')
    .addColumn('operation_key', 'text', (c) => c.primaryKey())
    .addColumn('report_id', 'text', (c) => c.notNull())
    .addColumn('version_id', 'text')
    .addColumn('operation', 'text', (c) => c.notNull())
    .addColumn('actor_id', 'text', (c) => c.notNull())
    .addColumn('started_at', 'text', (c) => c.notNull())
    .addColumn('completed_at', 'text')
    .addColumn('error', 'text')
    .execute();
  await schema
    .createTable('steps')
    .addColumn('workflow_id', 'text', (c) => c.notNull())
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('step_id', 'text', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('started_at', 'text', (c) => c.notNull())
    .addColumn('finished_at', 'text')
    .addColumn('error', 'text')
    .addPrimaryKeyConstraint('steps_key', ['workflow_id', 'run_id', 'step_id', 'attempt'])
    .execute();
}

async function firstSlice(trx: Transaction<Schema>): Promise<void> {
  await peopleAndReports(trx);
  await feedsAndLedger(trx);
  await operations(trx);
  await samplesAndVersions(trx);
  await itemsAndDecisions(trx);
  await tracking(trx);
}

/** Temporal forgets closed workflows after its retention; that a report is over has to be known for longer. */
async function endOfReports(trx: Transaction<Schema>): Promise<void> {
  await trx.schema.alterTable('reports').addColumn('ended_at', 'text').execute();
}

/** Position + 1 = the version that the step leads to. Append only. */
export const migrations: readonly Migration[] = [firstSlice, endOfReports, wholeCycle, longLives];

type Versioned = { schema_version: { version: number } };

/**
 * Brings a database to the last version of the list, each step in one transaction with its number.
 * @throws Error when a step fails (nothing of it stays) or when the database is newer than the list.
 */
export async function migrate(db: Kysely<Schema>, list: readonly Migration[] = migrations): Promise<void> {
  for (;;) {
    const done = await db.transaction().execute(async (trx) => {
      const own = trx as unknown as Transaction<Versioned>;
      await own.schema.createTable('schema_version').ifNotExists().addColumn('version', 'integer').execute();
      const row = await own.selectFrom('schema_version').select('version').executeTakeFirst();
      const version = row?.version ?? 0;
      if (version > list.length) {
        throw new Error(
          `the version store has schema ${version} and this program knows ${list.length}: it was written by a newer one, use that`,
        );
      }
      const step = list[version];
      if (!step) return true;
      await step(trx);
      if (row)
        await own
          .updateTable('schema_version')
          .set({ version: version + 1 })
          .execute();
      else await own.insertInto('schema_version').values({ version: 1 }).execute();
      return false;
    });
    if (done) return;
  }
}
