// Owns the rows of a long table: pages read by range and kept, changes of this person laid over them at once, changes of others
// never moving a row. Knows neither the bridge nor a screen; `fetchPage` and `keyOf` are all it is told.
import type { Failure, Result } from '../../preload/contract.ts';

export interface Page<Row> {
  total: number;
  rows: readonly Row[];
}
export type FetchPage<Row> = (offset: number, limit: number) => Promise<Result<Page<Row>>>;

interface Options<Row> {
  fetchPage: FetchPage<Row>;
  keyOf(row: Row): string;
  pageSize?: number;
  /** Pages that are kept besides the ones on the screen. */
  keptPages?: number;
}

/** Rows by index, read when they are wanted. One source serves one filter and one order; another filter is another source. */
export class RowSource<Row> {
  readonly pageSize: number;
  readonly #fetchPage: FetchPage<Row>;
  readonly #keyOf: (row: Row) => string;
  readonly #keptPages: number;
  readonly #pages = new Map<number, readonly Row[]>();
  readonly #reading = new Map<number, Promise<void>>();
  /** Pages whose rows may have changed: shown as they are until they were read again. */
  readonly #stale = new Set<number>();
  readonly #overlay = new Map<string, Row>();
  readonly #listeners = new Set<() => void>();
  #generation = 0;
  #revision = 0;
  #wanted: [number, number] = [0, 0];
  /** The list of the core differs from the one on the screen, because of what this person did. */
  #drifted = false;
  total: number | null = null;
  failure: Failure | null = null;
  /** Rows that changed elsewhere and would move what is on the screen. */
  arrived = 0;

  constructor({ fetchPage, keyOf, pageSize = 200, keptPages = 40 }: Options<Row>) {
    this.#fetchPage = fetchPage;
    this.#keyOf = keyOf;
    this.pageSize = pageSize;
    this.#keptPages = keptPages;
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  /** Grows with every change. */
  readonly revision = (): number => this.#revision;

  /** The row at a place, with what this person just did laid over it; undefined while it is not read. */
  row(index: number): Row | undefined {
    const row = this.#pages.get(this.#pageOf(index))?.[index % this.pageSize];
    return row === undefined ? undefined : (this.#overlay.get(this.#keyOf(row)) ?? row);
  }

  /** The place of a key among the rows that are read, or null. */
  indexOf(key: string): number | null {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex((row) => this.#keyOf(row) === key);
      if (at !== -1) return page * this.pageSize + at;
    }
    return null;
  }

  /** Says which rows are on the screen; what is missing is read. */
  want(first: number, last: number): void {
    this.#wanted = [first, Math.max(first, last)];
    if (this.#lacking().length === 0) return;
    // Pages read now would not fit to the ones read before a drift: all are read again.
    if (this.#drifted) this.#forget();
    for (const page of this.#lacking()) void this.#read(page);
  }

  /** Rows from one place to another (both included), read where they are missing; null when they could not be read. */
  async rowsBetween(first: number, last: number): Promise<Row[] | null> {
    const found: Row[] = [];
    for (let page = this.#pageOf(first); page <= this.#pageOf(last); page += 1) {
      if (!this.#pages.has(page)) await this.#read(page);
      const rows = this.#pages.get(page);
      if (!rows) return null;
      for (let at = 0; at < rows.length; at += 1) {
        const index = page * this.pageSize + at;
        const row = index < first || index > last ? undefined : this.row(index);
        if (row !== undefined) found.push(row);
      }
    }
    return found;
  }

  /** Shows rows as this person just made them, before the core confirmed it. */
  lay(rows: readonly Row[]): void {
    for (const row of rows) this.#overlay.set(this.#keyOf(row), row);
    this.#tell();
  }
  /** Takes back what was laid over: the rows are as they were read. */
  lift(keys: readonly string[]): void {
    for (const key of keys) this.#overlay.delete(key);
    this.#tell();
  }

  /**
   * Reads what is on the screen again. Rows that stand where they stood are changed in place; when any would move, nothing
   * moves: `arrived` says how many, or, after this person's own act, the list is put right when it is next scrolled.
   */
  async refresh(cause: 'own' | 'elsewhere'): Promise<void> {
    const generation = this.#generation;
    const pages = this.#wantedPages().filter((page) => this.#pages.has(page));
    if (pages.length === 0) {
      await Promise.all(this.#lacking().map((page) => this.#read(page)));
      return;
    }
    const answers = await Promise.all(pages.map((page) => this.#fetchPage(page * this.pageSize, this.pageSize)));
    if (generation !== this.#generation) return;
    const fresh = new Map<number, readonly Row[]>();
    let total = this.total;
    for (const [at, page] of pages.entries()) {
      const answer = answers[at];
      if (!answer?.ok) continue;
      fresh.set(page, answer.value.rows);
      total = answer.value.total;
    }
    if (total === this.total && [...fresh].every(([page, rows]) => this.#standsStill(page, rows))) this.#replace(fresh);
    // Where nothing stands nothing can move.
    else if (this.total === 0) return this.startOver();
    else if (cause === 'own') this.#drifted = true;
    else this.arrived = [...fresh.values()].flat().filter((row) => this.#isNew(row)).length;
    this.#tell();
  }

  /** Reads everything again, now that the person asked for it. */
  startOver(): void {
    this.#forget();
    this.#tell();
    for (const page of this.#wantedPages()) void this.#read(page);
  }

  #pageOf(index: number): number {
    return Math.floor(index / this.pageSize);
  }
  #exists(page: number): boolean {
    return page === 0 || this.total === null || page * this.pageSize < this.total;
  }
  #wantedPages(): number[] {
    const [first, last] = [this.#pageOf(this.#wanted[0]), this.#pageOf(this.#wanted[1])];
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  }

  #lacking(): number[] {
    return this.#wantedPages().filter(
      (page) => (!this.#pages.has(page) || this.#stale.has(page)) && this.#exists(page),
    );
  }

  #forget(): void {
    this.#generation += 1;
    this.#pages.clear();
    this.#stale.clear();
    this.#reading.clear();
    this.#overlay.clear();
    this.#drifted = false;
    this.arrived = 0;
  }

  #read(page: number): Promise<void> {
    const running = this.#reading.get(page);
    if (running) return running;
    const generation = this.#generation;
    const reading = this.#fetchPage(page * this.pageSize, this.pageSize).then((answer) => {
      if (generation !== this.#generation) return;
      this.#reading.delete(page);
      this.failure = answer.ok ? null : answer.error;
      if (answer.ok) {
        this.total = answer.value.total;
        this.#stale.delete(page);
        this.#pages.delete(page);
        this.#pages.set(page, answer.value.rows);
        this.#dropFarPages();
      }
      this.#tell();
    });
    this.#reading.set(page, reading);
    return reading;
  }

  /** The pages read longest ago go first; those on the screen stay. */
  #dropFarPages(): void {
    const wanted = new Set(this.#wantedPages());
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= this.#keptPages + wanted.size) return;
      if (!wanted.has(page)) this.#pages.delete(page);
    }
  }

  #standsStill(page: number, rows: readonly Row[]): boolean {
    const before = this.#pages.get(page);
    return (
      before?.length === rows.length && rows.every((row, at) => this.#keyOf(row) === this.#keyOf(before[at] as Row))
    );
  }

  #replace(fresh: ReadonlyMap<number, readonly Row[]>): void {
    for (const [page, rows] of fresh) {
      this.#pages.set(page, rows);
      for (const row of rows) this.#overlay.delete(this.#keyOf(row));
    }
    // Rows off the screen may have changed too: they are read again when they come into sight.
    for (const page of this.#pages.keys()) if (!fresh.has(page)) this.#stale.add(page);
    this.arrived = 0;
  }

  #isNew(row: Row): boolean {
    const at = this.indexOf(this.#keyOf(row));
    return at === null || JSON.stringify(this.row(at)) !== JSON.stringify(row);
  }

  #tell(): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }
}
