// Owns sending what a person decides to the core: shown at once, taken back when it could not be kept. No rule of its own.
import { useCallback } from 'react';
import type { ItemVerdict } from '../../domain/decision.ts';
import type { Answer } from '../../domain/operation.ts';
import type { Edit } from '../../domain/phase-item.ts';
import type { CommandOutput, Failure } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import type { RowSource } from '../table/row-source.ts';
import type { ShownRow } from './review-columns.tsx';
import type { Picked } from './view-state.ts';

/** The most decisions or answers one command takes. */
const partSize = 20_000;

function parts<Thing>(things: readonly Thing[]): Thing[][] {
  const count = Math.ceil(things.length / partSize);
  return Array.from({ length: count }, (_, at) => things.slice(at * partSize, (at + 1) * partSize));
}

const loaded = (source: RowSource<ShownRow>, targets: readonly Picked[]): ShownRow[] =>
  targets.flatMap(({ itemKey }) => {
    const at = source.indexOf(itemKey);
    const row = at === null ? undefined : source.row(at);
    return row ? [row] : [];
  });

/** What a reviewer or a tester does to rows. Each answers the failure, or null when it is kept on this laptop. */
export function useDecisions(versionId: string, source: RowSource<ShownRow>, reload: () => void) {
  const decide = useCallback(
    async (targets: readonly Picked[], decision: ItemVerdict): Promise<Failure | null> => {
      const before = loaded(source, targets);
      const shown = before.map((row): ShownRow => ({ ...row, ...decision, keeping: true }));
      source.lay(shown);
      const failure = await inParts(parts(targets), (part) =>
        bridge().invoke('decision:record', {
          versionId,
          decisions: part.map(({ itemKey, contentHash }) => ({ itemKey, contentHash, decision })),
        }),
      );
      if (failure) source.lift(before.map((row) => row.itemKey));
      else source.lay(before.map((row): ShownRow => ({ ...row, ...decision, delivery: 'draft' })));
      await source.refresh('own');
      reload();
      return failure;
    },
    [versionId, source, reload],
  );

  const answer = useCallback(
    async (answers: readonly Answer[]): Promise<Failure | null> => {
      const byKey = new Map(answers.map((one) => [one.itemKey, one]));
      const before = loaded(source, answers);
      const shown = before.map((row): ShownRow => ({ ...row, answer: byKey.get(row.itemKey) ?? null }));
      source.lay(shown.map((row): ShownRow => ({ ...row, keeping: true })));
      const failure = await inParts(parts(answers), (part) =>
        bridge().invoke('revision:answer', { versionId, answers: part }),
      );
      if (failure) source.lift(before.map((row) => row.itemKey));
      else source.lay(shown);
      await source.refresh('own');
      reload();
      return failure;
    },
    [versionId, source, reload],
  );

  const undo = useCallback(async (): Promise<CommandOutput<'decision:undo'>['undone'] | Failure> => {
    const result = await bridge().invoke('decision:undo', { versionId });
    if (!result.ok) return result.error;
    source.lift(result.value.undone.map(({ itemKey }) => itemKey));
    await source.refresh('own');
    reload();
    return result.value.undone;
  }, [versionId, source, reload]);

  const takeBack = useCallback(
    async (targets: readonly Picked[]): Promise<string[] | Failure> => {
      const undone: string[] = [];
      const failure = await inParts(parts(targets), async (part) => {
        const itemKeys = part.map(({ itemKey }) => itemKey);
        const result = await bridge().invoke('revision:undo', { versionId, itemKeys });
        if (result.ok) undone.push(...result.value.undone);
        return result;
      });
      source.lift(undone);
      await source.refresh('own');
      reload();
      return failure ?? undone;
    },
    [versionId, source, reload],
  );

  const edit = useCallback(
    async (edits: readonly Edit[]): Promise<Failure | null> => {
      const result = await bridge().invoke('edit:draft', { versionId, edits: [...edits] });
      await source.refresh('own');
      reload();
      return result.ok ? null : result.error;
    },
    [versionId, source, reload],
  );

  const undoEdits = useCallback(
    async (targets: readonly Picked[]): Promise<Failure | null> => {
      const itemKeys = targets.map(({ itemKey }) => itemKey);
      const result = await bridge().invoke('edit:undo', { versionId, itemKeys });
      await source.refresh('own');
      reload();
      return result.ok ? null : result.error;
    },
    [versionId, source, reload],
  );

  return { decide, answer, undo, takeBack, edit, undoEdits };
}

async function inParts<Part>(
  all: readonly Part[],
  send: (part: Part) => Promise<{ ok: true } | { ok: false; error: Failure }>,
): Promise<Failure | null> {
  for (const part of all) {
    const result = await send(part);
    if (!result.ok) return result.error;
  }
  return null;
}

/** The next row without a decision after the cursor, then from the top; null when there is none among the rows that are read. */
export function nextOpenRow(
  source: Pick<RowSource<ShownRow>, 'row' | 'total'>,
  from: number,
): number | null | 'unread' {
  const total = source.total ?? 0;
  for (let step = 1; step < total; step += 1) {
    const index = (from + step) % total;
    const row = source.row(index);
    if (row === undefined) return 'unread';
    if (row.verdict === 'pending') return index;
  }
  return null;
}
