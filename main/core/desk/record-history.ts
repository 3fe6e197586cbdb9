// Owns the history of one record: every revision that the feed brought, newest first. Reads the cache only.
import { phaseOf } from '../../../domain/phases.ts';
import type { AuditPhase } from '../../../domain/audit-record.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import { reportOrFail } from './access.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';

/** All revisions of a record; empty for one that the server does not have. */
export function recordHistory(desk: Desk, input: CommandParsed<'record:history'>): CommandOutput<'record:history'> {
  const { reportId, phase, lob, recordKey } = input;
  reportOrFail(desk, reportId);
  const { versioning, name } = phaseOf(phase);
  if (versioning !== 'audit-only') throw failed('bad-input', `${name} keeps versions, and no records`);
  const names = new Map(desk.cache.people().map(({ personId, name: full }) => [personId, full]));
  return desk.cache
    .recordHistory({ reportId, phase: phase as AuditPhase, lob }, recordKey)
    .map((record) => ({ ...record, actorName: names.get(record.actorId) ?? record.actorId }));
}
