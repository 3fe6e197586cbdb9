// News as it comes: each is told once, in order, never a flood, never what was told before a restart.
import { expect, test } from 'vitest';
import type { Notification } from '../../../domain/change.ts';
import { newsToTell } from '../../../main/core/news.ts';

const news = (id: string, minute: number): Notification => ({
  ...{ notificationId: id, reportId: 'report-0001', personId: 'olga', kind: 'waiting-for-you' as const },
  ...{ phase: null, lob: null, text: id, at: `2026-11-25T08:${String(minute).padStart(2, '0')}:00.000Z` },
});
const ids = (list: readonly Notification[]): string[] => list.map(({ notificationId }) => notificationId);

test('the first news on a laptop is told, oldest first', () => {
  const { tell, told } = newsToTell([news('b', 2), news('a', 1)], null);
  expect(ids(tell)).toEqual(['a', 'b']);
  expect(told).toEqual({ at: news('b', 2).at, ids: ['b'] });
});

test('what was told is not told again, and what came since is', () => {
  const first = newsToTell([news('a', 1)], null);
  expect(newsToTell([news('a', 1)], first.told)).toEqual({ tell: [], told: first.told });
  expect(ids(newsToTell([news('b', 2), news('a', 1)], first.told).tell)).toEqual(['b']);
});

test('two of the same moment are both told, though they come one after the other', () => {
  const first = newsToTell([news('a', 1)], null);
  const second = newsToTell([news('a', 1), news('b', 1)], first.told);
  expect(ids(second.tell)).toEqual(['b']);
  expect(newsToTell([news('a', 1), news('b', 1)], second.told).tell).toEqual([]);
});

test('whoever was away for long is told the newest three', () => {
  const many = Array.from({ length: 20 }, (_, minute) => news(`n${minute}`, minute + 1));
  const { tell, told } = newsToTell(many, { at: news('old', 0).at, ids: ['old'] });
  expect(ids(tell)).toEqual(['n17', 'n18', 'n19']);
  expect(newsToTell(many, told).tell).toEqual([]);
});

test('a laptop on which nothing was ever told does not begin with a pile of old news', () => {
  const many = Array.from({ length: 4 }, (_, minute) => news(`n${minute}`, minute));
  const { tell, told } = newsToTell(many, null);
  expect(tell).toEqual([]);
  expect(ids(newsToTell([...many, news('fresh', 30)], told).tell)).toEqual(['fresh']);
});
