// Owns what a window may do: where it may go, what it may load, who may ask over which channel. Pure; knows no Electron object.

/** The page's scheme and the only origin in the application. */
export const pageScheme = 'app';
export const pageOrigin = 'app://countersign';
export const pageUrl = `${pageOrigin}/`;

/** Whether an address is the page itself, wherever in it (the hash is the page's own business). */
export function isPage(url: string): boolean {
  const parsed = parse(url);
  return parsed !== null && originOf(parsed) === pageOrigin && (parsed.pathname === '/' || parsed.pathname === '');
}

/** Whether the window may load something: the page's own files, and what the page made itself (an export to save). */
export function mayLoad(url: string, isPackaged: boolean): boolean {
  const parsed = parse(url);
  if (parsed === null) return false;
  if (originOf(parsed) === pageOrigin || url.startsWith(`blob:${pageOrigin}/`)) return true;
  // The tools of a developer load their own parts.
  return !isPackaged && parsed.protocol === 'devtools:';
}

/** The address to hand to the system's browser for a link that leads outside, null when it is not handed on. Only https, without a login in it. */
export function externalLink(url: string): string | null {
  const parsed = parse(url);
  if (parsed === null || parsed.protocol !== 'https:' || parsed.username !== '' || parsed.password !== '') return null;
  return parsed.href;
}

/** What a message says of its sender; null once the frame is gone. */
export interface SenderFrame {
  url: string;
  parent: unknown;
}

/** Whether a message is the page's: its main frame, at its own address. A frame that is gone counts as foreign. */
export function isOwnSender(frame: SenderFrame | null | undefined): boolean {
  return frame !== null && frame !== undefined && frame.parent === null && isPage(frame.url);
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}

/** `URL.origin` is "null" for schemes of one's own. */
function originOf(url: URL): string {
  return `${url.protocol}//${url.host}`;
}
