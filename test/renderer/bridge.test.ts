// The token leaves the address bar at once and stays for the tab; reconnecting backs off.
import { describe, expect, it } from 'vitest';
import { reconnectDelayMs, takeToken } from '../../renderer/bridge.ts';

function aPage(hash: string, kept: Record<string, string> = {}) {
  const addresses: string[] = [];
  const storage = {
    getItem: (name: string) => kept[name] ?? null,
    setItem: (name: string, value: string) => {
      kept[name] = value;
    },
  } as unknown as Storage;
  const history = {
    replaceState: (_state: unknown, _title: string, url: string) => addresses.push(url),
  } as unknown as History;
  const location = { hash, pathname: '/', search: '' } as Location;
  return { token: takeToken(location, history, storage), addresses, kept };
}

describe('the token of the page', () => {
  it('is taken out of the address bar and kept for the tab', () => {
    const page = aPage('#token=abc_DEF-123');
    expect(page).toMatchObject({
      token: 'abc_DEF-123',
      addresses: ['/#/home'],
      kept: { 'countersign-token': 'abc_DEF-123' },
    });
  });

  it('keeps the screen that comes after it', () => {
    expect(aPage('#token=abc/version/v-1').addresses).toEqual(['/#/version/v-1']);
  });

  it('is the kept one after a reload', () => {
    expect(aPage('#/sync', { 'countersign-token': 'abc' })).toMatchObject({ token: 'abc', addresses: [] });
  });

  it('is none when the page was opened without it', () => {
    expect(aPage('#/home').token).toBeNull();
    expect(aPage('#token=<script>').token).toBeNull();
  });
});

describe('reconnecting', () => {
  it('waits longer each time, at most about five seconds, never in step with others', () => {
    expect([0, 1, 2, 3].map((attempts) => reconnectDelayMs(attempts, 0.5))).toEqual([250, 500, 1_000, 2_000]);
    expect(reconnectDelayMs(40, 1)).toBeLessThanOrEqual(6_250);
    expect(reconnectDelayMs(3, 0)).toBeLessThan(reconnectDelayMs(3, 1));
  });
});
