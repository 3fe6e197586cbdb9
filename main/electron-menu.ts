// Owns the menu and its keys. Data only: what an entry does is passed in.
import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  /** Shows a screen by its hash, such as `#/sync`. */
  show(hash: string): void;
  openDataFolder(): void;
}

/** The menu of the whole application. Keys of the page itself (decisions, search) are the page's. */
export function menuTemplate(
  platform: NodeJS.Platform,
  isPackaged: boolean,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  return [
    ...(isMac ? [{ role: 'appMenu' } satisfies MenuItemConstructorOptions] : []),
    {
      label: '&File',
      submenu: [
        { label: 'Open data folder', click: () => actions.openDataFolder() },
        { type: 'separator' },
        isMac ? { role: 'close' } : { role: 'quit', accelerator: 'CmdOrCtrl+Q' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: [
        { label: 'Home', accelerator: 'CmdOrCtrl+1', click: () => actions.show('#/home') },
        { label: 'Sync', accelerator: 'CmdOrCtrl+2', click: () => actions.show('#/sync') },
        { label: 'People', accelerator: 'CmdOrCtrl+3', click: () => actions.show('#/people') },
      ],
    },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        ...(isPackaged ? [] : [{ role: 'toggleDevTools' } satisfies MenuItemConstructorOptions]),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ];
}
