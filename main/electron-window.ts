// Owns how the window is made and where it stood last. Pure but for one small file; knows Electron only by types.
import { readFileSync } from 'node:fs';
import type { BrowserWindowConstructorOptions } from 'electron';
import { z } from 'zod';
import { writeFileDurably } from './core/durable-file.ts';

const windowStateSchema = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().min(200).max(20_000),
  height: z.int().min(200).max(20_000),
  maximized: z.boolean(),
});
/** Where the window stood, in the screen's points. */
export type WindowState = z.infer<typeof windowStateSchema>;
export type Area = Pick<WindowState, 'x' | 'y' | 'width' | 'height'>;

/** The product is readable from this size up. */
export const smallestSize = { width: 1024, height: 640 } as const;
const firstSize = { width: 1360, height: 860 } as const;

/** The window's options: a page without Node, in a sandbox, in a world of its own. */
export function windowOptions(
  preload: string,
  area: Partial<Area>,
  isPackaged: boolean,
): BrowserWindowConstructorOptions {
  return {
    ...firstSize,
    ...area,
    minWidth: smallestSize.width,
    minHeight: smallestSize.height,
    show: false,
    title: 'Countersign',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: !isPackaged,
    },
  };
}

/** The remembered place if enough of it is on a screen to take hold of it, else nothing: a screen may have been unplugged. */
export function fittingArea(state: WindowState | null, screens: readonly Area[]): Partial<Area> {
  if (state === null) return {};
  const { x, y } = state;
  const width = Math.max(state.width, smallestSize.width);
  const height = Math.max(state.height, smallestSize.height);
  const isReachable = screens.some(
    (screen) =>
      Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x) >= 100 &&
      y >= screen.y &&
      y <= screen.y + screen.height - 50,
  );
  return isReachable ? { x, y, width, height } : { width, height };
}

/** What the file says; null when it is missing or no state. It is only a convenience. */
export function readWindowState(file: string): WindowState | null {
  try {
    return windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  writeFileDurably(file, JSON.stringify(state));
}
