// Owns the handlers for the link and the server. Knows no report.
import { release } from 'node:os';
import type { SyncStatus } from '../../../preload/contract.ts';
import type { CommandContext, HandlerGroup } from './context.ts';
import { acknowledgeDamage, openDamages } from '../damages.ts';
import { describeState } from '../sync/board.ts';

type Names =
  | 'sync:status'
  | 'sync:now'
  | 'sync:work-offline'
  | 'damage:acknowledge'
  | 'sync:diagnostics'
  | 'server:cancel-preparation'
  | 'server:prepare';

export function syncHandlers(context: CommandContext): HandlerGroup<Names> {
  const { core, session } = context;
  const status = (): SyncStatus => session.sync.status();
  return {
    'sync:status': status,
    'sync:now': ({ waitMs }) => session.sync.untilDelivered(waitMs),
    'sync:work-offline': async ({ offline }) => {
      await core.setWorkOffline(session, offline);
      return status();
    },
    'damage:acknowledge': ({ damageId }) => {
      acknowledgeDamage(session.outbox, damageId);
      session.sync.wake();
      return status();
    },
    'sync:diagnostics': () => ({ text: diagnosticsOf(context) }),
    'server:cancel-preparation': () => {
      core.server.cancelPreparation();
      return status();
    },
    'server:prepare': () => {
      core.startServer();
      session.sync.wake(true);
      return status();
    },
  };
}

/** Everything that helps to see why a link does not work, and nothing of what is reviewed. */
function diagnosticsOf({ core, session }: CommandContext): string {
  const { state, server, counts, lastSeenAt, allDeliveredAt, workOffline } = session.sync.status();
  const { cache, outbox } = session;
  const lines = [
    `Countersign ${core.version} on ${process.platform} ${release()}, Node ${process.versions.node}`,
    `mode ${core.solo ? 'solo' : 'team'}, profile ${session.personId}, device ${session.profile.deviceId}`,
    `state ${describeState(state)}`,
    `server ${JSON.stringify(server)}`,
    `work offline ${workOffline}, last answer ${lastSeenAt ?? 'never'}, all delivered ${allDeliveredAt ?? 'not known'}`,
    `outbox ${JSON.stringify(counts)}`,
    `cursors ${JSON.stringify(cache.cursors())}`,
    `versions without all contents ${cache.wantedContents().length}`,
    ...openDamages(outbox).map(({ what, file, foundAt }) => `${what} set aside at ${foundAt}: ${file}`),
    '',
    ...session.sync.diagnostics(),
  ];
  return lines.join('\n');
}
