// Owns how news is shown: its sign, where it leads, what the bell says. Pure.
import type { Notification } from '../../domain/change.ts';
import { count } from '../formats.ts';
import type { GlyphName } from '../marks.tsx';
import type { Route } from '../routes.ts';

/** Glyph and colour by kind; the sentence itself says what happened. */
export const newsLooks: Readonly<Record<Notification['kind'], { glyph: GlyphName; color: string; word: string }>> = {
  'waiting-for-you': { glyph: 'ring', color: 'accent.main', word: 'waits for you' },
  reminder: { glyph: 'quarter', color: 'waiting.main', word: 'reminder' },
  expired: { glyph: 'warning', color: 'rejected.main', word: 'deadline passed' },
  'revision-requested': { glyph: 'half', color: 'waiting.main', word: 'revision requested' },
  rejected: { glyph: 'cross', color: 'rejected.main', word: 'rejected' },
  completed: { glyph: 'tick', color: 'approved.main', word: 'completed' },
  signed: { glyph: 'tick', color: 'approved.main', word: 'signed' },
  compensated: { glyph: 'warning', color: 'waiting.main', word: 'a step failed' },
  ended: { glyph: 'pause', color: 'text.secondary', word: 'ended' },
};

/** Where news leads: to its phase, else to its report. */
export function routeOfNews(news: Pick<Notification, 'reportId' | 'phase' | 'lob'>): Route {
  const { reportId, phase, lob } = news;
  return phase === null ? { screen: 'report', reportId } : { screen: 'phase', reportId, phase, lob };
}

/** What the bell is called for those who listen: "News, 3 unread". */
export function bellWords(unread: number): string {
  return unread === 0 ? 'News, all read' : `News, ${count(unread)} unread`;
}

/** The number on the bell: nothing for none, and never wider than three signs. */
export function bellCount(unread: number): string {
  if (unread === 0) return '';
  return unread > 99 ? '99+' : String(unread);
}
