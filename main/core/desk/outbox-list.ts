// Owns the list of what has not arrived, or did: one entry per decision, edit, answer, changed record or operation; and dropping one with a
// note. What an entry says is outbox-entries.ts. Knows no transport.
import type { CommandOutput, CommandParsed, OutboxEntry } from '../../../preload/contract.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { OutboxChange } from '../outbox/outbox.ts';
import { itemKinds } from '../outbox/operation-table.ts';
import {
  answerEntry,
  decisionEntry,
  editEntry,
  isAnswerClosed,
  isDecisionStuck,
  isEditStuck,
  operationEntry,
  recordEntry,
} from './outbox-entries.ts';
import { statement } from '../sqlite.ts';

interface Place {
  source: 'decision' | 'edit' | 'answer' | 'record' | 'operation';
  id: string;
}

const openSql = `
  SELECT 'decision' AS source, CAST(decision_id AS TEXT) AS id, decided_at AS at, decision_id AS tie FROM decisions
    WHERE settled_at IS NULL AND state <> 'applied' AND (state <> 'draft' OR current = 1)
  UNION ALL SELECT 'edit', CAST(edit_id AS TEXT), drafted_at, edit_id FROM edits
    WHERE settled_at IS NULL AND (state IN ('refused', 'conflict') OR (state = 'draft' AND current = 1))
  UNION ALL SELECT 'record', CAST(c.change_id AS TEXT), o.decided_at, c.change_id FROM record_changes c
    JOIN operations o ON o.operation_id = c.operation_id WHERE c.settled_at IS NULL AND c.state <> 'applied'
  UNION ALL SELECT 'operation', operation_id, decided_at, sequence FROM operations
    WHERE settled_at IS NULL AND state <> 'applied' AND kind NOT IN (${itemKinds})
  UNION ALL SELECT 'answer', CAST(rowid AS TEXT), drafted_at, rowid FROM answers
    WHERE operation_id IS NULL AND settled_at IS NULL`;
const deliveredSql = `
  SELECT 'decision' AS source, CAST(k.decision_id AS TEXT) AS id, o.delivered_at AS at, k.decision_id AS tie
    FROM decisions k JOIN operations o ON o.operation_id = k.operation_id WHERE k.state = 'applied'
  UNION ALL SELECT 'record', CAST(c.change_id AS TEXT), o.delivered_at, c.change_id
    FROM record_changes c JOIN operations o ON o.operation_id = c.operation_id WHERE c.state = 'applied'
  UNION ALL SELECT 'operation', operation_id, delivered_at, sequence FROM operations
    WHERE state = 'applied' AND kind NOT IN (${itemKinds})`;

/** What has not arrived, oldest first; or what was delivered, newest first. */
export function listOutbox(desk: Desk, input: CommandParsed<'outbox:list'>): CommandOutput<'outbox:list'> {
  const { db } = desk.outbox;
  const [sql, order] = input.show === 'open' ? [openSql, 'at, tie'] : [deliveredSql, 'at DESC, tie DESC'];
  const total = statement<number>(db, `SELECT count(*) FROM (${sql})`).pluck().get() as number;
  const places = statement<Place>(db, `SELECT source, id FROM (${sql}) ORDER BY ${order} LIMIT ? OFFSET ?`).all(
    input.limit,
    input.offset,
  );
  return { total, entries: places.flatMap((place) => entryAt(desk, place) ?? []) };
}

function entryAt(desk: Desk, { source, id }: Place): OutboxEntry | null {
  const { decisions, edits, recordChanges, operations } = desk.outbox.tables;
  switch (source) {
    case 'decision': {
      const kept = decisions.get(Number(id));
      return kept && decisionEntry(desk, kept);
    }
    case 'edit': {
      const kept = edits.get(Number(id));
      return kept && editEntry(desk, kept);
    }
    case 'record': {
      const kept = recordChanges.get(Number(id));
      return kept && recordEntry(desk, kept);
    }
    case 'operation': {
      const row = operations.get(id);
      return row && operationEntry(desk, row);
    }
    case 'answer':
      return answerEntry(desk, Number(id));
  }
}

/** Gives up an entry that cannot arrive. The note and the entry stay in the outbox's file. */
export function dropEntry(desk: Desk, input: CommandParsed<'outbox:drop'>): CommandOutput<'outbox:drop'> {
  const { entryId, note } = input;
  const found = droppable(desk, entryId);
  if (!found) throw notOpen(entryId);
  if (!found.isStuck) {
    throw failed('refused', `${entryId} still waits for the server: only what was refused or conflicts can be dropped`);
  }
  desk.outbox.write(() => found.drop(note, desk.now()), found.change);
  return { dropped: entryId };
}

interface Droppable {
  isStuck: boolean;
  change: OutboxChange;
  drop(note: string, at: string): boolean;
}

/** What stands behind the id of an entry, by its first letter; null when nothing open does. */
function droppable(desk: Desk, entryId: string): Droppable | null {
  const { decisions, edits, answers, recordChanges, operations } = desk.outbox.tables;
  const id = entryId.slice(2);
  const number = Number(id);
  switch (entryId.slice(0, 2)) {
    case 'd-': {
      const kept = decisions.get(number);
      if (!kept || kept.settledAt !== null) return null;
      return {
        isStuck: kept.state === 'refused' || isDecisionStuck(desk, kept),
        change: changeOf(kept.reportId, kept.versionId),
        drop: (note, at) => decisions.settle(number, 'dropped', note, null, at),
      };
    }
    case 'e-': {
      const kept = edits.get(number);
      if (!kept || kept.settledAt !== null) return null;
      return {
        isStuck: kept.state === 'refused' || isEditStuck(desk, kept),
        change: changeOf(kept.reportId, kept.versionId),
        drop(note, at) {
          const dropped = edits.settle(number, 'dropped', note, null, at);
          // With the last of its edits dealt with, that the version was not handed in needs nobody either.
          if (edits.countOpen(kept.versionId) === 0) operations.settleCarried(kept.versionId, 'version.submit', at);
          return dropped;
        },
      };
    }
    case 'a-': {
      const row = answers.get(number);
      if (!row || row.settled_at !== null || row.operation_id !== null) return null;
      const reportId = desk.cache.version(row.version_id)?.reportId ?? null;
      return {
        isStuck: isAnswerClosed(desk, row.version_id),
        change: changeOf(reportId, row.version_id),
        drop: (note, at) => answers.drop(number, note, at),
      };
    }
    case 'r-': {
      const kept = recordChanges.get(number);
      if (!kept || kept.settledAt !== null) return null;
      return {
        isStuck: kept.state === 'refused' || kept.state === 'conflict',
        change: changeOf(kept.reportId, null),
        drop: (note, at) => recordChanges.drop(number, note, at),
      };
    }
    case 'o-': {
      const row = operations.get(id);
      if (!row || row.settled_at !== null) return null;
      return {
        isStuck: row.state === 'refused' || row.state === 'conflict',
        change: changeOf(row.report_id, row.version_id),
        drop: (note, at) => operations.drop(id, note, at),
      };
    }
    default:
      return null;
  }
}

function changeOf(reportId: string | null, versionId: string | null): OutboxChange {
  return { reportIds: reportId === null ? [] : [reportId], versionIds: versionId === null ? [] : [versionId] };
}

/** What is said of an entry that is not there, or was dealt with. */
export const notOpen = (entryId: string) => failed('not-found', `there is no open entry ${entryId} in the outbox`);
