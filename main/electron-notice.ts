// Owns showing news as notifications of the system. What the system offers and what a click does are passed in.
import type { Notification } from 'electron';
import type { CoreEvent } from '../preload/contract.ts';

/** Electron's `Notification`, as far as it is used. */
export interface NoticeMaker {
  isSupported(): boolean;
  new (options: { title: string; body: string }): Pick<Notification, 'show'> & {
    on(event: 'click' | 'close', listener: () => void): unknown;
  };
}

export interface NoticeActions {
  /** True while the person looks at the window: its bell shows the news. */
  isWatched(): boolean;
  /** Shows a screen by its hash. */
  show(hash: string): void;
}

/** Takes the core's events and shows those that are news; a click opens the report. */
export function createNotices(Notice: NoticeMaker, actions: NoticeActions): (event: CoreEvent) => void {
  // One that nobody holds is collected, and its click goes nowhere.
  const shown = new Set<InstanceType<NoticeMaker>>();
  return (event) => {
    if (event.kind !== 'notification' || actions.isWatched() || !Notice.isSupported()) return;
    const { reportId, text } = event.notification;
    const notice = new Notice({ title: 'Countersign', body: text });
    shown.add(notice);
    notice.on('close', () => shown.delete(notice));
    notice.on('click', () => {
      shown.delete(notice);
      actions.show(`#/report/${encodeURIComponent(reportId)}`);
    });
    notice.show();
  };
}
