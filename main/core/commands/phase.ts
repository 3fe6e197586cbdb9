// Owns the handlers for what is read around the phases: one phase as it stands, and the news about all of them.
import type { CommandContext, HandlerGroup } from './context.ts';
import { listNews, readNews } from '../desk/notifications.ts';
import { phaseDetail } from '../desk/phase-detail.ts';

export function phaseHandlers({ session: desk }: CommandContext): HandlerGroup<'phase:get'> {
  return { 'phase:get': (input) => phaseDetail(desk, input) };
}

export function notificationHandlers({
  session: desk,
}: CommandContext): HandlerGroup<'notification:list' | 'notification:read'> {
  return {
    'notification:list': (input) => listNews(desk, input),
    'notification:read': (input) => readNews(desk, input),
  };
}
