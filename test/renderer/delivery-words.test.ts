// The badge and the foot tell the truth: every state of the link, with and without things that wait.
import { describe, expect, it } from 'vitest';
import type { OutboxCounts, SyncState, SyncStatus } from '../../preload/contract.ts';
import { badgeOf, footSentence, linkLine, nextTry } from '../../renderer/shell/delivery-words.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const nothing: OutboxCounts = { draft: 0, queued: 0, sent: 0, refused: 0, conflict: 0, deliveredToday: 0 };
const since = '2026-11-21T08:12:00Z';

function aStatus(state: SyncState, counts: Partial<OutboxCounts> = {}, more: Partial<SyncStatus> = {}): SyncStatus {
  return {
    state,
    server: { kind: 'external', address: '127.0.0.1:7233' },
    counts: { ...nothing, ...counts },
    lastSeenAt: null,
    allDeliveredAt: null,
    workOffline: false,
    damages: [],
    ...more,
  };
}

const offline = (reason: 'chosen' | 'unreachable' | 'not-prepared', message = ''): SyncState => ({
  kind: 'offline',
  reason,
  message,
  since,
  nextTryAt: '2026-11-21T12:00:24Z',
  attempts: 14,
});
const blocked = (reason: Extract<SyncState, { kind: 'blocked' }>['reason']): SyncState => ({
  kind: 'blocked',
  reason,
  message: 'the reason in words',
  since,
});
const idle: SyncState = { kind: 'idle' };

describe('the badge', () => {
  const table: [string, SyncStatus, string, string][] = [
    [
      'a damaged file that nobody read of',
      aStatus(
        idle,
        { queued: 2 },
        { damages: [{ damageId: 'd', what: 'outbox', foundAt: since, file: '/f', message: 'm' }] },
      ),
      'rejected',
      'A file was damaged · 2 waiting',
    ],
    ['offline with work', aStatus(offline('unreachable'), { queued: 60 }), 'waiting', 'Offline · 60 waiting'],
    ['offline with drafts only', aStatus(offline('unreachable'), { draft: 4 }), 'waiting', 'Offline · 4 drafts'],
    ['offline with nothing', aStatus(offline('unreachable')), 'waiting', 'Offline'],
    ['offline by choice', aStatus(offline('chosen'), { queued: 1 }), 'waiting', 'Working offline · 1 waiting'],
    [
      'a server in preparation',
      aStatus(
        offline('not-prepared'),
        { queued: 2 },
        {
          server: { kind: 'preparing', step: 's', elapsedMs: 0, expectedMs: null, cancellable: true },
        },
      ),
      'waiting',
      'Preparing the server · 2 waiting',
    ],
    [
      'no server to be had',
      aStatus(offline('not-prepared'), {}, { server: { kind: 'unavailable', reason: 'r', howToGet: [] } }),
      'waiting',
      'Offline, no server',
    ],
    ['connecting', aStatus({ kind: 'connecting', since, attempts: 1 }), 'carried', 'Connecting'],
    [
      'connecting with work',
      aStatus({ kind: 'connecting', since, attempts: 1 }, { sent: 3 }),
      'waiting',
      'Connecting · 3 waiting',
    ],
    ['sending', aStatus({ kind: 'pushing', remaining: 3 }, { queued: 3 }), 'waiting', '3 sending'],
    ['sent, without receipts', aStatus(idle, { sent: 3 }), 'waiting', '3 waiting'],
    ['nothing was ever sent', aStatus(idle), 'approved', 'Connected, nothing to send'],
    ['getting changes', aStatus({ kind: 'pulling' }), 'approved', 'Connected, nothing to send'],
    ['connected with drafts', aStatus(idle, { draft: 1 }), 'waiting', '1 draft'],
    ['a conflict before all else', aStatus(idle, { conflict: 1, queued: 6 }), 'rejected', '1 conflict · 6 waiting'],
    [
      'refused and conflicts apart',
      aStatus(offline('unreachable'), { conflict: 2, refused: 1 }),
      'rejected',
      '2 conflicts · 1 refused',
    ],
    [
      'a device that waits',
      aStatus(blocked('device-waiting'), { queued: 1 }),
      'rejected',
      'Device not approved yet · 1 waiting',
    ],
    ['a revoked device', aStatus(blocked('device-revoked')), 'rejected', 'Device revoked'],
    ['an unknown person', aStatus(blocked('unknown-person')), 'rejected', 'Person not known'],
    ['a key not accepted', aStatus(blocked('bad-signature')), 'rejected', 'Key not accepted'],
    ['no namespace', aStatus(blocked('namespace')), 'rejected', 'Namespace not found'],
    ['another protocol', aStatus(blocked('incompatible')), 'rejected', 'Server not compatible'],
  ];
  it.each(table)('for %s', (_name, status, tone, text) => {
    expect(badgeOf(status, 'connected')).toMatchObject({ tone, text });
  });

  it('says when all was delivered, and no longer once something waits', () => {
    const delivered = { allDeliveredAt: '2026-11-21T11:02:00Z' };
    expect(badgeOf(aStatus(idle, {}, delivered), 'connected').text).toMatch(/^All delivered \d\d:\d\d$/);
    expect(badgeOf(aStatus(idle, { queued: 1 }, delivered), 'connected').text).toBe('1 waiting');
    expect(badgeOf(aStatus(offline('unreachable'), {}, delivered), 'connected').text).toBe('Offline');
  });

  it('does not go on saying what it knew when the application itself is gone', () => {
    expect(badgeOf(aStatus(idle), 'lost')).toMatchObject({ tone: 'rejected', text: 'Countersign is not running' });
  });

  it('claims nothing before the core answered', () => {
    expect(badgeOf(null, 'connected').text).toBe('Reading');
  });
});

describe('the sentence at the foot', () => {
  it('says what is kept, why it is offline, what comes next and when the server was last seen', () => {
    const status = aStatus(
      offline('unreachable', 'server not reachable'),
      { draft: 4, queued: 2 },
      { lastSeenAt: since },
    );
    expect(footSentence(status, 'connected', now)).toMatch(
      /^Kept on this laptop: 4 drafts, 2 queued · Offline since \d\d:\d\d, server not reachable · next try in 24 s · the server was last seen \d\d:\d\d$/,
    );
  });

  it('never calls sent things saved', () => {
    const sentence = footSentence(aStatus({ kind: 'pushing', remaining: 2 }, { sent: 2 }), 'connected', now);
    expect(sentence).toBe(
      'Kept on this laptop: 2 sent without a receipt yet · Sending, 2 to go; nothing counts as delivered before its receipt',
    );
  });

  it('does not call all delivered what the server did not apply', () => {
    const delivered = { allDeliveredAt: '2026-11-21T11:02:00Z' };
    expect(linkLine(aStatus(idle, { conflict: 60 }, delivered), now)).toBe(
      'Connected · 60 conflicts: what was not applied waits for you',
    );
    expect(linkLine(aStatus(idle, {}, delivered), now)).toMatch(/^All delivered/);
  });

  it('takes a message of the core into the sentence', () => {
    const status = aStatus({
      ...offline('not-prepared', 'The server is being prepared.'),
      nextTryAt: null,
    } as SyncState);
    expect(footSentence(status, 'connected', now)).toMatch(/^Offline since \d\d:\d\d, the server is being prepared$/);
  });

  it('says why nothing is sent while nobody has a profile here', () => {
    expect(footSentence(null, 'connected', now, true)).toMatch(/before this laptop has a profile/);
    expect(badgeOf(null, 'connected', true).text).toBe('No profile yet');
  });

  it('counts the attempts on the sync panel', () => {
    expect(linkLine(aStatus(offline('unreachable')), now)).toMatch(/· next try in 24 s · tried 14 times$/);
  });

  it.each([
    [null, ''],
    ['2026-11-21T12:00:24Z', 'next try in 24 s'],
    ['2026-11-21T11:59:00Z', 'trying now'],
  ])('tells the next try at %s as "%s"', (at, text) => expect(nextTry(at, now)).toBe(text));
});
