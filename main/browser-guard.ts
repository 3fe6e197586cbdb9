// Owns who may talk to the browser host: the page it opened, on this machine, with the token of this start. Pure; knows no server.
import { createHash, timingSafeEqual } from 'node:crypto';

/** What a request says of where it comes from. */
export interface RequestOrigin {
  host: string | undefined;
  origin: string | undefined;
}

/** The only addresses that count as this host: names could be pointed here by a foreign page (DNS rebinding). */
export function isOwnHost(host: string | undefined, port: number): boolean {
  return host === `127.0.0.1:${port}`;
}

/** Why a request that changes or reads anything is refused, null when it is the page's own. Only browsers send an Origin truthfully, so it must be there. */
export function whyForeign(request: RequestOrigin, port: number): string | null {
  if (!isOwnHost(request.host, port)) return 'this host answers only at its own address';
  return request.origin === `http://127.0.0.1:${port}` ? null : 'only the page of this host may ask';
}

/** Compares in a time that does not tell how much was right. */
export function isToken(given: string | undefined, token: string): boolean {
  const [left, right] = [given ?? '', token].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

/** Name of the WebSocket's subprotocol; the token comes beside it, because a page cannot set headers there. */
export const bridgeProtocol = 'countersign';

/** The token among the offered subprotocols (`countersign, TOKEN`); undefined when it is not offered that way. */
export function offeredToken(header: string | undefined): string | undefined {
  const offered = (header ?? '').split(',').map((each) => each.trim());
  return offered.length === 2 && offered[0] === bridgeProtocol ? offered[1] : undefined;
}

/** Path and query of a request's target, whatever it is: unlike `new URL` this never throws. */
export function pathOf(target: string | undefined): { pathname: string; query: URLSearchParams } {
  const [, pathname = '', query = ''] = /^([^?#]*)\??([^#]*)/.exec(target ?? '') ?? [];
  return { pathname, query: new URLSearchParams(query) };
}
