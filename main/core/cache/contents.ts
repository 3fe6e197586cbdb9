// Owns the items and bodies of versions in the cache: storing pages, translating rows. Body texts pass through as they came.
// Knows no verdict: where an item stands is the overlay's.
import type { ItemOrigin, ItemSource, VersionItem } from '../../../domain/version.ts';
import type { ContentsPage } from './cache.ts';
import type { Sqlite } from '../sqlite.ts';

/** The columns of `items` that say where an item came from. */
export interface ProvenanceRow {
  source_kind: ItemSource['kind'];
  draw_position: number | null;
  stratum: string | null;
  source_reason: string | null;
  source_by: string | null;
  origin_kind: ItemOrigin['kind'];
  origin_version_id: string | null;
  origin_version_number: number | null;
  origin_key: string | null;
  origin_note: string | null;
  origin_by: string | null;
  origin_revision: number | null;
  origin_operation_id: string | null;
}

const provenanceNames = [
  ...['source_kind', 'draw_position', 'stratum', 'source_reason', 'source_by', 'origin_kind', 'origin_version_id'],
  ...['origin_version_number', 'origin_key', 'origin_note', 'origin_by', 'origin_revision', 'origin_operation_id'],
] as const satisfies readonly (keyof ProvenanceRow)[];

/** The columns of a provenance, of the table `items` under its name in a statement. */
export function provenanceColumns(alias: string): string {
  return provenanceNames.map((name) => `${alias}.${name}`).join(', ');
}

/** What an item is before anybody decided on it, as SQL over the table `items` under its name in a statement. */
export function initialVerdict(alias: string): string {
  return `(CASE WHEN ${alias}.origin_kind IN ('carried', 'recorded') THEN 'approved'
    WHEN ${alias}.origin_kind = 'disputed' THEN 'rejected' ELSE 'pending' END)`;
}

/** The source of an item, from its columns. */
export function sourceOf(row: ProvenanceRow): ItemSource {
  switch (row.source_kind) {
    case 'random':
      return { kind: 'random', drawPosition: row.draw_position ?? 0, stratum: row.stratum };
    case 'targeted':
      return { kind: 'targeted', reason: row.source_reason ?? '' };
    case 'added':
      return { kind: 'added', by: row.source_by ?? '' };
    case 'proposed':
      return { kind: 'proposed' };
  }
}

/** The origin of an item, from its columns. */
export function originOf(row: ProvenanceRow): ItemOrigin {
  const from = { versionId: row.origin_version_id ?? '', versionNumber: row.origin_version_number ?? 0 };
  const itemKey = row.origin_key ?? '';
  const note = row.origin_note ?? '';
  switch (row.origin_kind) {
    case 'new':
      return { kind: 'new' };
    case 'recorded':
      return {
        kind: 'recorded',
        recordRevision: row.origin_revision ?? 0,
        operationId: row.origin_operation_id ?? '',
      };
    case 'replacement':
      return { kind: 'replacement', replacesKey: itemKey, ...from };
    case 'carried':
    case 'edited':
      return { kind: row.origin_kind, ...from, itemKey };
    case 're-opened':
      return { kind: 're-opened', ...from, itemKey, reason: note };
    case 'kept':
      return { kind: 'kept', ...from, itemKey, rationale: note };
    case 'disputed':
      return { kind: 'disputed', ...from, itemKey, rationale: note, by: row.origin_by ?? '' };
  }
}

type Item = Omit<VersionItem, 'versionId'>;

/** The same the other way round; every column is named, so that a new one cannot be forgotten. */
function provenanceOf({ source, origin }: Item): ProvenanceRow {
  const hasLineage = 'versionId' in origin;
  return {
    source_kind: source.kind,
    draw_position: source.kind === 'random' ? source.drawPosition : null,
    stratum: source.kind === 'random' ? source.stratum : null,
    source_reason: source.kind === 'targeted' ? source.reason : null,
    source_by: source.kind === 'added' ? source.by : null,
    origin_kind: origin.kind,
    origin_version_id: hasLineage ? origin.versionId : null,
    origin_version_number: hasLineage ? origin.versionNumber : null,
    origin_key: keyBefore(origin),
    origin_note: noteOf(origin),
    origin_by: origin.kind === 'disputed' ? origin.by : null,
    origin_revision: origin.kind === 'recorded' ? origin.recordRevision : null,
    origin_operation_id: origin.kind === 'recorded' ? origin.operationId : null,
  };
}

function keyBefore(origin: ItemOrigin): string | null {
  if (origin.kind === 'replacement') return origin.replacesKey;
  return 'itemKey' in origin ? origin.itemKey : null;
}

function noteOf(origin: ItemOrigin): string | null {
  if (origin.kind === 're-opened') return origin.reason;
  return 'rationale' in origin ? origin.rationale : null;
}

/** What a version's cached items hold, kept beside it so that nobody has to count a million rows. */
export interface Holdings {
  nextPosition: number;
  itemCount: number;
  /** Field names in the order in which they were met. */
  fields: string[];
  strata: string[];
  /** How many items came in which way. */
  origins: Partial<Record<ItemOrigin['kind'], number>>;
}

interface HoldingsRow {
  version_row: number;
  item_count: number;
  next_position: number;
  fields: string;
  strata: string;
  origins: string;
}

/** How many bodies of a page are looked into for field names: rows of a population all have the same ones, sections of a report do not. */
const fieldSamples = 200;

/** Statements over `items` and `bodies`; the caller brings the transaction. */
export function contentsTables(db: Sqlite) {
  const holdings = db.prepare<[string], HoldingsRow>(
    'SELECT version_row, item_count, next_position, fields, strata, origins FROM versions WHERE version_id = ?',
  );
  const insertBody = db.prepare(`INSERT INTO bodies (content_hash, body) VALUES (unhex(?), ?)
    ON CONFLICT (content_hash) DO UPDATE SET body = excluded.body WHERE bodies.body IS NULL`);
  const nameBody = db.prepare(
    'INSERT INTO bodies (content_hash) VALUES (unhex(?)) ON CONFLICT (content_hash) DO NOTHING',
  );
  const bodyRow = db.prepare<[string], number>('SELECT body_row FROM bodies WHERE content_hash = unhex(?)').pluck();
  const insertItem = db.prepare(`INSERT OR IGNORE INTO items (version_row, position, item_key, body_row,
    ${provenanceNames.join(', ')}) VALUES (?, ?, ?, ?${', ?'.repeat(provenanceNames.length)})`);
  const update = db.prepare(
    'UPDATE versions SET next_position = ?, fields = ?, strata = ?, origins = ? WHERE version_row = ?',
  );
  const noMore = db.prepare('UPDATE versions SET item_count = next_position WHERE version_row = ?');

  /** A body that came with this page, or one that is here, or a place for it. */
  function rowOfBody(contentHash: string): number {
    const row = bodyRow.get(contentHash);
    return row ?? Number(nameBody.run(contentHash).lastInsertRowid);
  }

  const bodyText = db.prepare<[string], string | null>('SELECT body FROM bodies WHERE content_hash = unhex(?)').pluck();
  const bodyTextOf = ({ contentHash }: Item): string[] => {
    const text = bodyText.get(contentHash);
    return text == null ? [] : [text];
  };

  return {
    holdings(versionId: string): Holdings | null {
      const row = holdings.get(versionId);
      return row ? holdingsOf(row) : null;
    },
    /**
     * Stores the items of a page that continue what is here. A page that leaves a gap is not taken: it is asked again.
     * @returns null for a version that is not known.
     */
    store(page: ContentsPage): Holdings | null {
      const row = holdings.get(page.versionId);
      if (!row) return null;
      for (const { contentHash, bodyText } of page.bodies) insertBody.run(contentHash, bodyText);
      const holds = holdingsOf(row);
      const strata = new Set(holds.strata);
      for (const item of page.items) {
        if (item.position !== holds.nextPosition) continue;
        const provenance = provenanceOf(item);
        insertItem.run(
          row.version_row,
          item.position,
          item.itemKey,
          rowOfBody(item.contentHash),
          ...provenanceNames.map((name) => provenance[name]),
        );
        holds.nextPosition += 1;
        holds.origins[item.origin.kind] = (holds.origins[item.origin.kind] ?? 0) + 1;
        if (item.source.kind === 'random' && item.source.stratum !== null) strata.add(item.source.stratum);
      }
      holds.fields = mergeFields(holds.fields, page.items.slice(0, fieldSamples).flatMap(bodyTextOf));
      holds.strata = [...strata];
      update.run(
        holds.nextPosition,
        JSON.stringify(holds.fields),
        JSON.stringify(holds.strata),
        JSON.stringify(holds.origins),
        row.version_row,
      );
      if (page.nextPosition === null && page.items.at(-1)?.position === holds.nextPosition - 1) {
        noMore.run(row.version_row);
        holds.itemCount = holds.nextPosition;
      }
      return holds;
    },
  };
}

function holdingsOf(row: HoldingsRow): Holdings {
  return {
    nextPosition: row.next_position,
    itemCount: row.item_count,
    fields: JSON.parse(row.fields) as string[],
    strata: JSON.parse(row.strata) as string[],
    origins: JSON.parse(row.origins) as Holdings['origins'],
  };
}

function mergeFields(known: readonly string[], bodyTexts: readonly string[]): string[] {
  const fields = new Set(known);
  for (const text of bodyTexts) {
    for (const field of Object.keys(JSON.parse(text) as object)) fields.add(field);
  }
  return [...fields];
}
