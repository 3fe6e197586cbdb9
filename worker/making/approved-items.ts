// Owns reading what the approved versions that something rests on say.
import type { ItemBody } from '../../domain/version.ts';
import type { Store } from '../store/store.ts';
import { readVersionItems } from '../store/version-rows.ts';

/** The items of an approved version in its order; null for no version: the phase was skipped. The caller knows the bodies' form. */
export async function approvedItems<Body extends ItemBody>(
  store: Store,
  versionId: string | null,
): Promise<{ itemKey: string; body: Body }[] | null> {
  if (versionId === null) return null;
  // A version of these phases is approved only when each of its items is.
  const items = await readVersionItems(store.db, versionId);
  return items.map(({ itemKey, body }) => ({ itemKey, body: body as Body }));
}

/** Their bodies alone. */
export async function approvedBodies<Body extends ItemBody>(
  store: Store,
  versionId: string | null,
): Promise<Body[] | null> {
  const items = await approvedItems<Body>(store, versionId);
  return items && items.map(({ body }) => body);
}
