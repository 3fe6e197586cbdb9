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
  origin_kind: ItemOrigin['kind'];
  origin_version_id: string | null;
  origin_version_number: number | null;
  origin_key: string | null;
  origin_note: string | null;
}

export const provenanceColumns =
  'source_kind, draw_position, stratum, source_reason, origin_kind, origin_version_id, origin_version_number, origin_key, origin_note';

/** The source of an item, from its columns. */
export function sourceOf(row: ProvenanceRow): ItemSource {
  return row.source_kind === 'random'
    ? { kind: 'random', drawPosition: row.draw_position ?? 0, stratum: row.stratum }
    : { kind: 'targeted', reason: row.source_reason ?? '' };
}

/** The origin of an item, from its columns. */
export function originOf(row: ProvenanceRow): ItemOrigin {
  const versionId = row.origin_version_id ?? '';
  const versionNumber = row.origin_version_number ?? 0;
  const key = row.origin_key ?? '';
  const note = row.origin_note ?? '';
  switch (row.origin_kind) {
    case 'new':
      return { kind: 'new' };
    case 'replacement':
      return { kind: 'replacement', replacesKey: key, versionId, versionNumber };
    case 'carried':
      return { kind: 'carried', versionId, versionNumber, itemKey: key };
    case 're-opened':
      return { kind: 're-opened', versionId, versionNumber, itemKey: key, reason: note };
    case 'kept':
      return { kind: 'kept', versionId, versionNumber, itemKey: key, rationale: note };
  }
}

type Item = Omit<VersionItem, 'versionId'>;

function provenanceValues({ source, origin }: Item): (string | number | null)[] {
  const from = origin.kind === 'new' ? null : origin;
  const key = origin.kind === 'replacement' ? origin.replacesKey : origin.kind === 'new' ? null : origin.itemKey;
  const note = origin.kind === 'kept' ? origin.rationale : origin.kind === 're-opened' ? origin.reason : null;
  return [
    source.kind,
    source.kind === 'random' ? source.drawPosition : null,
    source.kind === 'random' ? source.stratum : null,
    source.kind === 'targeted' ? source.reason : null,
    origin.kind,
    from?.versionId ?? null,
    from?.versionNumber ?? null,
    key,
    note,
  ];
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

/** How many bodies of a page are looked into for field names: pages of one version have the same fields. */
const fieldSamples = 20;

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
    ${provenanceColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
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
        insertItem.run(
          row.version_row,
          item.position,
          item.itemKey,
          rowOfBody(item.contentHash),
          ...provenanceValues(item),
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
