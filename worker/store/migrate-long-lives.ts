// Owns the fourth step of the schema: versions of workflows, compensations, and one table for all that is tracked instead of one for
// steps alone. Never changed once released: a later step corrects it.
import { sql } from 'kysely';
import type { Transaction } from 'kysely';
import type { Schema } from './schema.ts';

/** What reports ran as before versions were recorded. */
const before = '1.2.0';

export async function longLives(trx: Transaction<Schema>): Promise<void> {
  const { schema } = trx;
  await schema
    .alterTable('reports')
    .addColumn('workflow_version', 'text', (c) => c.notNull().defaultTo(before))
    .execute();
  for (const name of ['moves_to', 'moves_by'] as const) {
    await schema.alterTable('reports').addColumn(name, 'text').execute();
  }
  await schema.alterTable('operations').addColumn('held_by', 'text').execute();
  await schema
    .createTable('compensations')
    .addColumn('compensation_id', 'text', (c) => c.primaryKey())
    .addColumn('report_id', 'text', (c) => c.notNull().references('reports.report_id'))
    .addColumn('phase', 'text', (c) => c.notNull())
    .addColumn('lob', 'text')
    .addColumn('operation_id', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('holds_proposal', 'integer', (c) => c.notNull().check(sql`holds_proposal in (0, 1)`))
    .addColumn('compensation_text', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('compensations_of_report').on('compensations').column('report_id').execute();
  await trackingTable(trx);
}

async function trackingTable(trx: Transaction<Schema>): Promise<void> {
  const { schema } = trx;
  await schema
    .createTable('tracking')
    // Of whatever workflow is called after a report, whether the store knows it or not.
    .addColumn('report_id', 'text', (c) => c.notNull())
    .addColumn('tracking_key', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('entry_text', 'text', (c) => c.notNull())
    .addColumn('told', 'integer', (c) => c.notNull().check(sql`told in (0, 1)`))
    .addPrimaryKeyConstraint('tracking_key', ['report_id', 'tracking_key'])
    .execute();
  await schema
    .createIndex('tracking_untold')
    .on('tracking')
    .column('report_id')
    .where(sql<boolean>`told = 0`)
    .execute();
  // Attempts of activities of reports that were over or under way: nothing reads them any more, and new ones are told to laptops.
  await schema.dropTable('steps').execute();
}
