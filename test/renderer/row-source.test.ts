// The page cache of long tables: what is read, what moves and what does not.
import { expect, test } from 'vitest';
import type { Result } from '../../preload/contract.ts';
import type { Page } from '../../renderer/table/row-source.ts';
import { RowSource } from '../../renderer/table/row-source.ts';

interface Row {
  key: string;
  verdict: string;
}
const row = (key: string, verdict = 'pending'): Row => ({ key, verdict });

/** A core with a list that a test may change, and a record of what was asked. */
function core(rows: Row[]) {
  const asked: number[] = [];
  const state = { rows, asked, failing: false };
  const fetchPage = async (offset: number, limit: number): Promise<Result<Page<Row>>> => {
    asked.push(offset);
    if (state.failing) return { ok: false, error: { kind: 'unavailable', message: 'gone' } };
    return { ok: true, value: { total: state.rows.length, rows: state.rows.slice(offset, offset + limit) } };
  };
  const source = new RowSource<Row>({ fetchPage, keyOf: ({ key }) => key, pageSize: 10, keptPages: 2 });
  return { state, source };
}

/** Waits until the source told a change that makes the condition true. */
async function until(source: RowSource<Row>, condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((done) => {
      const stop = source.subscribe(() => {
        stop();
        done();
      });
    });
  }
}
const many = (count: number) => Array.from({ length: count }, (_, at) => row(`k${at}`));

async function opened(rows: Row[], last = 9) {
  const made = core(rows);
  made.source.want(0, last);
  await until(made.source, () => made.source.row(0) !== undefined);
  return made;
}

test('reads only the pages that are on the screen, each once', async () => {
  const { source, state } = await opened(many(1_000_000));
  source.want(3, 8);
  source.want(499_991, 499_995);
  source.want(499_995, 500_004);
  await until(source, () => source.row(500_004) !== undefined);
  expect(state.asked).toEqual([0, 499_990, 500_000]);
  expect(source.row(499_995)?.key).toBe('k499995');
  expect(source.total).toBe(1_000_000);
});

test('forgets far pages, never those on the screen', async () => {
  const { source, state } = await opened(many(1_000));
  for (const first of [100, 200, 300, 400]) {
    source.want(first, first + 5);
    await until(source, () => source.row(first) !== undefined);
  }
  expect(source.row(0)).toBeUndefined();
  expect(source.row(400)?.key).toBe('k400');
  source.want(0, 5);
  await until(source, () => source.row(0) !== undefined);
  expect(state.asked.filter((offset) => offset === 0)).toHaveLength(2);
});

test('shows a decision at once and takes it back when it could not be kept', async () => {
  const { source } = await opened(many(20));
  source.lay([row('k3', 'approved')]);
  expect(source.row(3)?.verdict).toBe('approved');
  source.lift(['k3']);
  expect(source.row(3)?.verdict).toBe('pending');
});

test('changes rows in place when none of them moves', async () => {
  const { source, state } = await opened(many(5));
  state.rows = state.rows.map((one) => (one.key === 'k2' ? row('k2', 'rejected') : one));
  await source.refresh('elsewhere');
  expect(source.row(2)?.verdict).toBe('rejected');
  expect(source.arrived).toBe(0);
});

test('moves no row when others changed the list: says how many changes arrived, and shows them when asked', async () => {
  const { source, state } = await opened(many(5));
  state.rows = [row('new1'), row('new2'), ...state.rows];
  await source.refresh('elsewhere');
  expect(source.row(0)?.key).toBe('k0');
  expect(source.arrived).toBe(2);
  source.startOver();
  await until(source, () => source.row(0) !== undefined);
  expect(source.row(0)?.key).toBe('new1');
  expect(source.arrived).toBe(0);
});

test('shows rows at once that arrive where there were none: none can move', async () => {
  const { source, state } = core([]);
  source.want(0, 9);
  await until(source, () => source.total === 0);
  state.rows = many(5);
  await source.refresh('elsewhere');
  await until(source, () => source.row(0) !== undefined);
  expect([source.total, source.arrived]).toEqual([5, 0]);
});

test('keeps a decided row under the cursor although the filter no longer shows it', async () => {
  const { source, state } = await opened(many(30));
  source.lay([row('k0', 'approved')]);
  state.rows = state.rows.slice(1);
  await source.refresh('own');
  expect(source.row(0)).toEqual(row('k0', 'approved'));
  expect(source.arrived).toBe(0);
});

test('skips no row when the list is scrolled on after it shrank', async () => {
  const { source, state } = await opened(many(30));
  state.rows = state.rows.slice(1);
  await source.refresh('own');
  source.want(8, 12);
  await until(source, () => source.row(10) !== undefined);
  expect([9, 10].map((at) => source.row(at)?.key)).toEqual(['k10', 'k11']);
});

test('reads rows for a range that is not on the screen', async () => {
  const { source } = await opened(many(50));
  const rows = await source.rowsBetween(8, 31);
  expect(rows?.map(({ key }) => key)).toEqual(
    many(50)
      .slice(8, 32)
      .map(({ key }) => key),
  );
});

test('answers null for a range that cannot be read, and says why', async () => {
  const { source, state } = await opened(many(50));
  state.failing = true;
  expect(await source.rowsBetween(8, 31)).toBeNull();
  expect(source.failure?.message).toBe('gone');
});
