// Owns what a laptop may read: pages of changes and pages of contents. Access comes from assignments, asked at each read.
// Knows no operation; it writes nothing but a device's pull watermark.
import type { Kysely } from 'kysely';
import { directoryFeed, reportFeed, signedContentsSchema, signedPullSchema } from '../../domain/change.ts';
import type { Change, ContentsAnswer, ContentsRequest, FeedName, FeedRow, PullAnswer } from '../../domain/change.ts';
import type { Person } from '../../domain/people.ts';
import type { ItemOrigin, ItemSource } from '../../domain/version.ts';
import { readableReports } from './reports.ts';
import type { Schema } from './schema.ts';
import { authenticate } from './signature.ts';
import type { Store } from './store.ts';

const pageBytes = 1024 * 1024;
const rowsPerRead = 500;

type Page = Extract<PullAnswer, { kind: 'page' }>;

/**
 * The next page for a laptop: of the directory and of every report its person may read, from its cursors on.
 * The same request may be answered again; one with a lower sequence than the last is refused as replayed.
 */
export async function readChanges(store: Store, signedPull: unknown, clock: () => string): Promise<PullAnswer> {
  const parsed = signedPullSchema.safeParse(signedPull);
  if (!parsed.success) return { kind: 'refused', code: 'bad-signature', message: 'the request cannot be read' };
  const { request, signature } = parsed.data;
  const sender = await authenticate(store.db, 'pull', request, signature);
  if (!sender.ok) return { kind: 'refused', code: sender.code, message: sender.message };
  if (!(await isNew(store, request.deviceId, request.sequence, sender.device.pull_sequence))) {
    return { kind: 'refused', code: 'replayed', message: 'a newer request of this device was answered before' };
  }
  const reportIds = await readableReports(store.db, sender.person);
  const feeds: Page['feeds'] = [];
  let bytes = 0;
  let more = false;
  for (const feed of [directoryFeed, ...reportIds.map(reportFeed)] as FeedName[]) {
    const cursor = Object.hasOwn(request.cursors, feed) ? (request.cursors[feed] ?? 0) : 0;
    const part = await readFeed(store.db, feed, cursor, sender.person, pageBytes - bytes);
    bytes += part.bytes;
    more ||= part.more;
    if (part.cursor > cursor) feeds.push({ feed, rows: part.rows, cursor: part.cursor });
  }
  return { kind: 'page', feeds, reportIds, more, serverTime: clock() };
}

async function isNew(store: Store, deviceId: string, sequence: number, last: number): Promise<boolean> {
  if (sequence <= last) return sequence === last;
  const { numUpdatedRows } = await store.db
    .updateTable('devices')
    .set({ pull_sequence: sequence })
    .where('device_id', '=', deviceId)
    .where('pull_sequence', '<=', sequence)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

interface FeedPart {
  rows: FeedRow[];
  cursor: number;
  bytes: number;
  more: boolean;
}

/** Rows of one feed up to a size; the cursor moves over rows that are for others. At least one row when any room is left. */
async function readFeed(
  db: Kysely<Schema>,
  feed: FeedName,
  from: number,
  person: Person,
  room: number,
): Promise<FeedPart> {
  const part: FeedPart = { rows: [], cursor: from, bytes: 0, more: false };
  for (;;) {
    const found = await db
      .selectFrom('changes')
      .select(['sequence', 'audience', 'body_text'])
      .where('feed', '=', feed)
      .where('sequence', '>', part.cursor)
      .orderBy('sequence')
      .limit(rowsPerRead)
      .execute();
    for (const row of found) {
      if (isFor(row.audience, person)) {
        const bytes = Buffer.byteLength(row.body_text);
        if (room <= 0 || (part.bytes > 0 && part.bytes + bytes > room)) return { ...part, more: true };
        part.rows.push({ sequence: row.sequence, change: JSON.parse(row.body_text) as Change });
        part.bytes += bytes;
      }
      part.cursor = row.sequence;
    }
    if (found.length < rowsPerRead) return part;
  }
}

function isFor(audience: string | null, person: Person): boolean {
  if (audience === null) return true;
  return audience === `person:${person.personId}` || person.roles.some((role) => audience === `role:${role}`);
}

/** A page of a version's items from a position on, without the bodies that the laptop says it has. */
export async function readContents(store: Store, signedContents: unknown): Promise<ContentsAnswer> {
  const parsed = signedContentsSchema.safeParse(signedContents);
  if (!parsed.success) return { kind: 'refused', code: 'bad-signature', message: 'the request cannot be read' };
  const { request, signature } = parsed.data;
  const sender = await authenticate(store.db, 'contents', request, signature);
  if (!sender.ok) {
    const code = sender.code === 'device-waiting' ? 'device-waiting' : 'bad-signature';
    return { kind: 'refused', code, message: sender.message };
  }
  const version = await store.db
    .selectFrom('versions')
    .select('report_id')
    .where('version_id', '=', request.versionId)
    .executeTakeFirst();
  if (!version) return { kind: 'refused', code: 'not-found', message: `no version ${request.versionId} exists` };
  const reportIds = await readableReports(store.db, sender.person);
  if (!reportIds.includes(version.report_id)) {
    return { kind: 'refused', code: 'not-assigned', message: `${sender.person.name} is not assigned to this report` };
  }
  return contentsPage(store.db, request, reportIds);
}

async function contentsPage(
  db: Kysely<Schema>,
  request: ContentsRequest,
  reportIds: readonly string[],
): Promise<ContentsAnswer> {
  const { versionId } = request;
  const page: Extract<ContentsAnswer, { kind: 'page' }> = {
    kind: 'page',
    versionId,
    items: [],
    bodies: [],
    nextPosition: null,
  };
  const has = await readableOf(db, request.haveVersionIds, reportIds);
  const sent = new Set<string>();
  let bytes = 0;
  for (let from = request.fromPosition; ; from += rowsPerRead) {
    const rows = await readItems(db, versionId, has, from);
    for (const row of rows) {
      const body = row.body_text !== null && !sent.has(row.content_hash) ? row.body_text : null;
      const size = Buffer.byteLength(row.source_text) + Buffer.byteLength(row.origin_text) + row.item_key.length + 150;
      bytes += size + (body === null ? 0 : Buffer.byteLength(body) + 90);
      if (bytes > pageBytes && page.items.length > 0) return { ...page, nextPosition: row.position };
      page.items.push({
        position: row.position,
        itemKey: row.item_key,
        contentHash: row.content_hash,
        source: JSON.parse(row.source_text) as ItemSource,
        origin: JSON.parse(row.origin_text) as ItemOrigin,
      });
      if (body !== null) {
        sent.add(row.content_hash);
        page.bodies.push({ contentHash: row.content_hash, bodyText: body });
      }
    }
    if (rows.length < rowsPerRead) return page;
  }
}

/** Those of the named versions that the person may read: what is said about others must not tell their contents. */
async function readableOf(
  db: Kysely<Schema>,
  versionIds: readonly string[],
  reportIds: readonly string[],
): Promise<string[]> {
  if (versionIds.length === 0) return [];
  const rows = await db
    .selectFrom('versions')
    .select('version_id')
    .where('version_id', 'in', versionIds)
    .where('report_id', 'in', reportIds)
    .execute();
  return rows.map((row) => row.version_id);
}

/**
 * Positions are gapless, so a page starts at a position and needs no offset. `body_text` is null for bodies to leave
 * out: those that a version the laptop has carries under the same key.
 */
function readItems(db: Kysely<Schema>, versionId: string, has: readonly string[], from: number) {
  return db
    .selectFrom('items')
    .leftJoin('bodies', (join) => {
      const on = join.onRef('bodies.content_hash', '=', 'items.content_hash');
      if (has.length === 0) return on;
      return on.on(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('items as had')
              .select('had.position')
              .where('had.version_id', 'in', has)
              .whereRef('had.item_key', '=', 'items.item_key')
              .whereRef('had.content_hash', '=', 'items.content_hash'),
          ),
        ),
      );
    })
    .select([
      'items.position',
      'items.item_key',
      'items.content_hash',
      'items.source_text',
      'items.origin_text',
      'bodies.body_text',
    ])
    .where('items.version_id', '=', versionId)
    .where('items.position', '>=', from)
    .where('items.position', '<', from + rowsPerRead)
    .orderBy('items.position')
    .execute();
}
