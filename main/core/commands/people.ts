// Owns the handlers for profiles, people and devices. Knows no report.
import type { CommandContext, HandlerGroup } from './context.ts';
import { firstId, mustMay } from './context.ts';
import type { Core } from '../core.ts';
import { failed } from '../failure.ts';

/** Handlers that need no profile: how a team's laptop gets its first one. */
export function profileHandlers(core: Core): HandlerGroup<'profile:list' | 'profile:create' | 'profile:switch'> {
  return {
    'profile:list': () => core.profiles(),
    'profile:create': ({ personId }) => core.createProfile(personId),
    'profile:switch': ({ profile }) => core.switchTo(profile),
  };
}

export function peopleHandlers(
  context: CommandContext,
): HandlerGroup<'people:list' | 'device:approve' | 'device:revoke'> {
  const { session } = context;
  const decide = (kind: 'device.approve' | 'device.revoke', deviceId: string) => {
    mustMay(context, { kind: 'decide-device' }, null);
    const device = session.cache.devices().find((row) => row.deviceId === deviceId);
    if (!device) throw failed('not-found', `There is no device ${deviceId} in the directory of this laptop.`);
    if (kind === 'device.revoke' && deviceId === session.profile.deviceId) {
      throw failed(
        'refused',
        'This is the device you sit at: revoke it from another one, or it could not even tell you.',
      );
    }
    return { operationId: firstId(session.queue([{ kind, deviceId }])) };
  };
  return {
    'people:list': () => ({ people: session.cache.people(), devices: session.cache.devices() }),
    'device:approve': ({ deviceId }) => decide('device.approve', deviceId),
    'device:revoke': ({ deviceId }) => decide('device.revoke', deviceId),
  };
}
