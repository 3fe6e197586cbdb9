// Owns a laptop's data folder as benchmarks need it: Olga's profile with a report whose sample version is cached whole.
// The pages go in by the cache's own code, as the feed would bring them. No server is in sight.
import { practicePeople } from '../../domain/people.ts';
import type { ItemBody } from '../../domain/version.ts';
import type { Core } from '../../main/core/core.ts';
import type { Session } from '../../main/core/session.ts';
import { coreOn } from '../main/core/core-world.ts';
import { contents, pageOf, report, reportId, version } from '../main/core/desk-builder.ts';
import type { Thing } from '../main/core/desk-builder.ts';

export const versionId = 'version-1';
const pageItems = 1_000;

/** A sample row: an identifier and twelve fields, about 290 bytes of JSON. */
export function sampleBody(index: number): ItemBody {
  return {
    ID: `ACC-${String(index).padStart(7, '0')}`,
    LIMIT_BAL: 10_000 + ((index * 7_919) % 490_000),
    SEX: 1 + (index % 2),
    EDUCATION: 1 + (index % 4),
    MARRIAGE: 1 + (index % 3),
    AGE: 21 + (index % 54),
    BILL_AMT: (index * 104_729) % 900_000,
    PAY_AMT: (index * 1_299_709) % 90_000,
    OPENED_ON: `20${String(10 + (index % 15)).padStart(2, '0')}-0${1 + (index % 9)}-1${index % 10}`,
    BRANCH: `branch ${index % 120} of the northern region`,
    STATUS: index % 9 === 0 ? 'in collection' : 'open',
    REMARK: `statement ${index * 31} sent by post, no answer yet`,
  };
}

export function sampleThings(count: number): Thing[] {
  return Array.from({ length: count }, (_, index) => ({
    itemKey: `ACC-${String(index).padStart(7, '0')}`,
    body: sampleBody(index),
  }));
}

/** Makes the data folder. */
export async function makeLaptop(folder: string, itemCount: number): Promise<void> {
  const { core, olga } = openLaptop(folder);
  const people = practicePeople.map((person, index) => ({
    sequence: index + 1,
    change: { kind: 'person' as const, person },
  }));
  olga.cache.applyPage(pageOf('directory', people, people.length));
  const rows = [
    { sequence: 1, change: { kind: 'report' as const, report: report() } },
    { sequence: 2, change: { kind: 'version' as const, version: version({ versionId, itemCount }) } },
  ];
  olga.cache.applyPage(pageOf(`report:${reportId}`, rows, rows.length));
  const things = sampleThings(itemCount);
  for (let from = 0; from < itemCount; from += pageItems) {
    const isLast = from + pageItems >= itemCount;
    olga.cache.storeContents(contents(versionId, things.slice(from, from + pageItems), from, isLast));
  }
  await core.close();
}

/** Opens the data folder as Olga. Nothing is connected to. */
export function openLaptop(folder: string): { core: Core; olga: Session } {
  const core = coreOn(folder, { profile: 'olga' });
  return { core, olga: core.session('olga') };
}
