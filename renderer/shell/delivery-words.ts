// Owns what the badge and the foot say about delivery, for every state of the link. Pure: takes the status and the time.
import type { OutboxCounts, ServerState, SyncState, SyncStatus } from '../../preload/contract.ts';
import type { HostLink } from '../bridge.ts';
import { clockTime, counted, duration } from '../formats.ts';
import type { GlyphName } from '../marks.tsx';

/** What the badge shows. `tone` is a colour of the theme. */
export interface Badge {
  tone: 'approved' | 'waiting' | 'rejected' | 'carried';
  glyph: GlyphName;
  text: string;
}

/** Queued and sent: on its way, without a receipt. */
export function waitingOf(counts: OutboxCounts): number {
  return counts.queued + counts.sent;
}

// Refused and conflicting rows are counted apart, drafts only when nothing else waits.
function troubles({ counts, damages }: SyncStatus): string[] {
  return [
    ...(damages.length > 0 ? ['A file was damaged'] : []),
    ...(counts.conflict > 0 ? [counted(counts.conflict, 'conflict', 'conflicts')] : []),
    ...(counts.refused > 0 ? [`${counts.refused} refused`] : []),
  ];
}
function unsent(counts: OutboxCounts): string[] {
  const waiting = waitingOf(counts);
  if (waiting > 0) return [`${waiting} waiting`];
  return counts.draft > 0 ? [counted(counts.draft, 'draft')] : [];
}

const blockedWords: Readonly<Record<Extract<SyncState, { kind: 'blocked' }>['reason'], string>> = {
  'device-waiting': 'Device not approved yet',
  'device-revoked': 'Device revoked',
  'unknown-person': 'Person not known',
  'bad-signature': 'Key not accepted',
  namespace: 'Namespace not found',
  incompatible: 'Server not compatible',
};

function serverWord(server: ServerState): string | null {
  switch (server.kind) {
    case 'preparing':
      return 'Preparing the server';
    case 'starting':
      return 'Starting the server';
    case 'restarting':
      return 'Restarting the server';
    case 'unavailable':
      return 'Offline, no server';
    default:
      return null;
  }
}

/** The link in two or three words. */
export function linkWord({ state, server }: Pick<SyncStatus, 'state' | 'server'>): string {
  switch (state.kind) {
    case 'offline':
      return state.reason === 'chosen' ? 'Working offline' : (serverWord(server) ?? 'Offline');
    case 'connecting':
      // After a failed attempt the truth is "offline" until one succeeds.
      return state.attempts > 1 ? 'Offline, trying' : 'Connecting';
    case 'pushing':
      return `${state.remaining} sending`;
    case 'pulling':
      return 'Getting changes';
    case 'idle':
      return 'Connected';
    case 'blocked':
      return blockedWords[state.reason];
  }
}

function calmBadge(status: SyncStatus): Badge {
  const { state, counts, allDeliveredAt } = status;
  const open = unsent(counts);
  if (state.kind === 'idle' || state.kind === 'pulling') {
    if (open.length > 0) return { tone: 'waiting', glyph: 'quarter', text: open.join(' · ') };
    const text = allDeliveredAt ? `All delivered ${clockTime(allDeliveredAt)}` : 'Connected, nothing to send';
    return { tone: 'approved', glyph: 'dot', text };
  }
  if (state.kind === 'pushing') return { tone: 'waiting', glyph: 'half', text: linkWord(status) };
  const text = [linkWord(status), ...open].join(' · ');
  if (state.kind === 'blocked') return { tone: 'rejected', glyph: 'warning', text };
  return { tone: open.length > 0 || state.kind === 'offline' ? 'waiting' : 'carried', glyph: 'quarter', text };
}

/** What the badge of the bar says. Trouble that a person has to deal with comes before everything else. `nobody`: there is no profile yet. */
export function badgeOf(status: SyncStatus | null, link: HostLink, nobody = false): Badge {
  if (link === 'lost') return { tone: 'rejected', glyph: 'warning', text: 'Countersign is not running' };
  if (!status) return { tone: 'carried', glyph: 'ring', text: nobody ? 'No profile yet' : 'Reading' };
  const trouble = troubles(status);
  if (trouble.length === 0) return calmBadge(status);
  return { tone: 'rejected', glyph: 'warning', text: [...trouble, ...unsent(status.counts)].join(' · ') };
}

/** How long until the next attempt, as a part of a sentence; empty when none is planned. */
export function nextTry(nextTryAt: string | null, now: number): string {
  if (nextTryAt === null) return '';
  const remainingMs = Date.parse(nextTryAt) - now;
  return remainingMs < 1000 ? 'trying now' : `next try in ${duration(remainingMs)}`;
}

/** A message in the middle of a sentence: it begins small and ends without a full stop. */
function inside(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '');
}

function reasonOf(state: Extract<SyncState, { kind: 'offline' }>): string {
  switch (state.reason) {
    case 'chosen':
      return 'because you chose to work offline';
    case 'not-prepared':
      return inside(state.message) || 'the server is not prepared yet';
    case 'unreachable':
      return inside(state.message) || 'server not reachable';
  }
}

function kept(counts: OutboxCounts): string {
  const parts = [
    ...(counts.draft > 0 ? [counted(counts.draft, 'draft')] : []),
    ...(counts.queued > 0 ? [`${counts.queued} queued`] : []),
    ...(counts.sent > 0 ? [`${counts.sent} sent without a receipt yet`] : []),
  ];
  return parts.length === 0 ? '' : `Kept on this laptop: ${parts.join(', ')}`;
}

function linkSentence(status: SyncStatus, now: number): string {
  const { state, server } = status;
  switch (state.kind) {
    case 'offline': {
      const trying = server.kind === 'preparing' ? '' : nextTry(state.nextTryAt, now);
      return [`Offline since ${clockTime(state.since)}, ${reasonOf(state)}`, trying].filter(Boolean).join(' · ');
    }
    case 'connecting':
      return state.attempts > 1 ? `Offline, trying to connect, attempt ${state.attempts}` : 'Connecting';
    case 'pushing':
      return `Sending, ${state.remaining} to go; nothing counts as delivered before its receipt`;
    case 'pulling':
      return 'Getting changes';
    case 'idle':
      if (troubles(status).length > 0) {
        return `Connected · ${troubles(status).join(', ')}: what was not applied waits for you`;
      }
      return status.allDeliveredAt && waitingOf(status.counts) === 0
        ? `All delivered ${clockTime(status.allDeliveredAt)}`
        : 'Connected';
    case 'blocked':
      return `${blockedWords[state.reason]}: ${state.message}`;
  }
}

/** The line over the sync panel: the link, and how often it was tried. */
export function linkLine(status: SyncStatus, now: number): string {
  const { state } = status;
  const tried = state.kind === 'offline' && state.attempts > 0 ? `tried ${counted(state.attempts, 'time')}` : '';
  return [linkSentence(status, now), tried].filter(Boolean).join(' · ');
}

/** The sentence at the foot: what is true about delivery. */
export function footSentence(status: SyncStatus | null, link: HostLink, now: number, nobody = false): string {
  if (link === 'lost') {
    return 'Countersign itself does not answer: start it again. What you decided before is kept on this laptop';
  }
  if (!status) return nobody ? 'Nothing is sent before this laptop has a profile' : 'Reading';
  const seen =
    status.lastSeenAt && status.state.kind === 'offline'
      ? `the server was last seen ${clockTime(status.lastSeenAt)}`
      : '';
  return [kept(status.counts), linkSentence(status, now), seen].filter(Boolean).join(' · ');
}
