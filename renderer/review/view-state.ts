// Owns what a person set up on a review screen: filter, order, columns, cursor, selection. Plain data, so that it can be remembered.
import { itemFilterSchema, itemSortSchema } from '../../preload/contract.ts';
import { z } from 'zod';

/** The row a decision is bound to: as it was seen. */
const pickedSchema = z.strictObject({ itemKey: z.string(), contentHash: z.string() });
export type Picked = z.infer<typeof pickedSchema>;

const viewSchema = z.strictObject({
  filter: itemFilterSchema.omit({ search: true }),
  sort: itemSortSchema,
  /** Fields the person wants as columns, null for as many as fit. */
  fields: z.array(z.string()).nullable(),
  cursor: z.strictObject({ index: z.int().min(0), key: z.string().nullable() }),
  selected: z.array(pickedSchema).max(500),
  /** Null: where there is room. */
  paneShown: z.boolean().nullable(),
});
export type ReviewView = z.infer<typeof viewSchema>;

export const firstView: ReviewView = {
  filter: { show: 'all', source: null, lob: null },
  sort: { by: '#', descending: false },
  fields: null,
  cursor: { index: 0, key: null },
  selected: [],
  paneShown: null,
};

/** What a tester sees first: what is to be answered. */
export const answerView: ReviewView = { ...firstView, filter: { ...firstView.filter, show: 'rejected' } };

/** True for something that an earlier start of this version remembered. */
export function isReviewView(value: unknown): value is ReviewView {
  return viewSchema.safeParse(value).success;
}

/** The order after a heading was pressed: by it, then the other way round, then the canonical one again. */
export function nextSort(sort: ReviewView['sort'], by: string): ReviewView['sort'] {
  if (sort.by !== by) return { by, descending: false };
  return sort.descending ? { by: '#', descending: false } : { by, descending: by !== '#' || !sort.descending };
}
