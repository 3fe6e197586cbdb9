// Owns reading all rejected rows of a version with the tester's drafted answers. Decides nothing.
import { useEffect, useState } from 'react';
import { mayReplace } from '../../domain/revision.ts';
import type { Answer } from '../../domain/operation.ts';
import type { ItemRow } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { tellFailure } from '../notices.tsx';

const pageSize = 500;

async function readRejections(versionId: string, isCurrent: () => boolean): Promise<ItemRow[] | null> {
  const rows: ItemRow[] = [];
  for (;;) {
    const page = await bridge().invoke('version:items', {
      versionId,
      filter: { show: 'rejected' },
      offset: rows.length,
      limit: pageSize,
    });
    if (!isCurrent()) return null;
    if (!page.ok) {
      tellFailure(page.error);
      return null;
    }
    rows.push(...page.value.rows);
    if (page.value.rows.length < pageSize) return rows;
  }
}

/** All rejected rows; null while they are read, or when there is nothing to answer. */
export function useRejections(versionId: string, wanted: boolean): ItemRow[] | null {
  const [rows, setRows] = useState<ItemRow[] | null>(null);
  useEffect(() => {
    if (!wanted) return undefined;
    let turn = 0;
    const read = async () => {
      turn += 1;
      const mine = turn;
      const found = await readRejections(versionId, () => turn === mine);
      if (found) setRows(found);
    };
    void read();
    const stop = bridge().subscribe((event) => {
      if (event.kind === 'changed' && event.versionIds.includes(versionId)) void read();
    });
    return () => {
      turn += 1;
      stop();
    };
  }, [versionId, wanted]);
  return wanted ? rows : null;
}

/** How many were answered with what. */
export function answersGiven(rows: readonly Pick<ItemRow, 'answer'>[]): AnswerCounts {
  const counts: AnswerCounts = { replace: 0, keep: 0, edit: 0, remove: 0, dispute: 0 };
  for (const { answer } of rows) if (answer) counts[answer.answer] += 1;
  return counts;
}
export type AnswerCounts = Record<Answer['answer'], number>;

/** The rejected rows without an answer whose reason allows another row. */
export function replaceableRows(rows: readonly ItemRow[]): ItemRow[] {
  return rows.filter((row) => row.answer === null && mayReplace(row.reasonCode));
}
