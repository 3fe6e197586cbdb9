// Owns what somebody with the namespace's credential and a laptop's key could send past the application. Nothing of the core checks it.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Client, Connection } from '@temporalio/client';
import { signals, workflowIdOf } from '../../domain/change.ts';
import { targetOf } from '../../domain/operation.ts';
import type { OperationBody, Reason } from '../../domain/operation.ts';
import { openProfileKey, readProfile } from '../../main/core/profiles.ts';
import { privateFileVault } from '../../main/vaults.ts';
import type { Laptop, Team } from './team.ts';

/** Signals an operation straight to its workflow. `actorId` may be another person's; `spoil` breaks the signature. */
export async function smuggle(
  team: Pick<Team, 'address'>,
  laptop: Pick<Laptop, 'dataDir' | 'personId'>,
  body: OperationBody,
  options: { actorId?: string; spoil?: boolean } = {},
): Promise<string> {
  const profile = readProfile(laptop.dataDir, laptop.personId);
  const operation = {
    operationId: randomUUID(),
    actorId: options.actorId ?? laptop.personId,
    deviceId: profile.deviceId,
    // Far above what the laptop itself has used.
    sequence: Date.now(),
    decidedAt: new Date().toISOString(),
    body,
  };
  const signature = openProfileKey(laptop.dataDir, profile, privateFileVault).sign('operation', operation);
  const forged = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  const connection = await Connection.connect({ address: team.address() });
  try {
    const handle = new Client({ connection }).workflow.getHandle(workflowIdOf(targetOf(body)));
    await handle.signal(signals.submit, { operations: [{ operation, signature: options.spoil ? forged : signature }] });
  } finally {
    await connection.close();
  }
  return operation.operationId;
}

/** What the worker's store recorded: a receipt's state and reason, `dead-letter`, or null while there is nothing. */
export function recorded(
  team: Team,
  operationId: string,
): { state: string; code: Reason['code'] | null; message: string } | null {
  const store = new Database(join(team.dir, 'worker', 'store.db'), { readonly: true });
  try {
    const row = store.prepare('SELECT * FROM receipts WHERE operation_id = ?').get(operationId) as
      { receipt_text: string } | undefined;
    if (row) {
      const { state, reason } = JSON.parse(row.receipt_text) as { state: string; reason: Reason | null };
      return { state, code: reason?.code ?? null, message: reason?.message ?? '' };
    }
    const letter = store.prepare('SELECT message FROM dead_letters WHERE raw_text LIKE ?').get(`%${operationId}%`) as
      { message: string } | undefined;
    return letter ? { state: 'dead-letter', code: null, message: letter.message } : null;
  } finally {
    store.close();
  }
}
