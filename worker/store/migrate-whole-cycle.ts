// Owns the third step of the schema: nine phases instead of one. Lines of business, skips and deadlines of reports, records,
// signatures, recommendations and news. Never changed once released: a later step corrects it.
import { sql } from 'kysely';
import type { Transaction } from 'kysely';
import { carryFirstSlice } from './migrate-first-slice.ts';
import type { Schema } from './schema.ts';

export async function wholeCycle(trx: Transaction<Schema>): Promise<void> {
  await columns(trx);
  await records(trx);
  await signOffs(trx);
  await recommendationsAndNews(trx);
  await carryFirstSlice(trx, new Date().toISOString());
}

async function columns({ schema }: Transaction<Schema>): Promise<void> {
  for (const name of ['end_reason', 'paused_at', 'pause_reason', 'problem', 'lob_source_text'] as const) {
    await schema.alterTable('reports').addColumn(name, 'text').execute();
  }
  for (const name of ['lobs_text', 'skips_text', 'deadlines_text'] as const) {
    await schema
      .alterTable('reports')
      .addColumn(name, 'text', (c) => c.notNull().defaultTo('[]'))
      .execute();
  }
  for (const name of ['lobs_named', 'flow_revision'] as const) {
    await schema
      .alterTable('reports')
      .addColumn(name, 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
  }
  await schema
    .alterTable('versions')
    .addColumn('disputed_count', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  // What is asked before every decision: of thousands of operations of a report only a few have work left.
  await schema
    .createIndex('operations_unfinished')
    .on('operations')
    .column('report_id')
    .where(sql<boolean>`follow_up_done_at is null`)
    .execute();
}

async function records({ schema }: Transaction<Schema>): Promise<void> {
  await schema
    .createTable('records')
    .addColumn('report_id', 'text', (c) => c.notNull().references('reports.report_id'))
    .addColumn('phase', 'text', (c) => c.notNull())
    .addColumn('lob', 'text', (c) => c.notNull())
    .addColumn('record_key', 'text', (c) => c.notNull())
    .addColumn('revision', 'integer', (c) => c.notNull())
    .addColumn('is_latest', 'integer', (c) => c.notNull())
    .addColumn('body_text', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('actor_id', 'text', (c) => c.notNull())
    .addColumn('operation_id', 'text', (c) => c.notNull())
    .addColumn('decided_at', 'text', (c) => c.notNull())
    .addColumn('received_at', 'text', (c) => c.notNull())
    .addColumn('applied_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('records_key', ['report_id', 'phase', 'lob', 'record_key', 'revision'])
    .execute();
  // One latest revision per record: the rule holds even against a fault of ours.
  await schema
    .createIndex('records_latest')
    .on('records')
    .columns(['report_id', 'phase', 'lob', 'record_key'])
    .unique()
    .where(sql<boolean>`is_latest = 1`)
    .execute();
}

async function signOffs({ schema }: Transaction<Schema>): Promise<void> {
  await schema
    .createTable('sign_offs')
    .addColumn('version_id', 'text', (c) => c.notNull().references('versions.version_id'))
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('actor_id', 'text', (c) => c.notNull())
    .addColumn('meaning', 'text', (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('items_hash', 'text', (c) => c.notNull())
    .addColumn('operation_id', 'text', (c) => c.notNull())
    .addColumn('decided_at', 'text', (c) => c.notNull())
    .addColumn('applied_at', 'text', (c) => c.notNull())
    .addColumn('voided_at', 'text')
    .addPrimaryKeyConstraint('sign_offs_key', ['version_id', 'role'])
    .execute();
}

async function recommendationsAndNews({ schema }: Transaction<Schema>): Promise<void> {
  await schema
    .createTable('recommendations')
    .addColumn('recommendation_id', 'text', (c) => c.primaryKey())
    .addColumn('report_id', 'text', (c) => c.notNull().references('reports.report_id'))
    .addColumn('recommendation_text', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('notifications')
    .addColumn('notification_id', 'text', (c) => c.primaryKey())
    .addColumn('report_id', 'text', (c) => c.notNull().references('reports.report_id'))
    .addColumn('person_id', 'text', (c) => c.notNull().references('people.person_id'))
    .addColumn('notification_text', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('mail_state', 'text', (c) => c.notNull())
    .addColumn('mail_error', 'text')
    .execute();
  await schema
    .createIndex('notifications_due')
    .on('notifications')
    .column('report_id')
    .where(sql<boolean>`mail_state = 'due'`)
    .execute();
}
