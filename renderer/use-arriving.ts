// Owns whether what a screen misses may still be on its way: this laptop is fetching right now. Knows no screen.
import { useShared } from './store.ts';

/** True while the server is being asked: what is not here yet may come in a moment. */
export function useArriving(): boolean {
  return useShared(({ status }) => {
    if (status === null) return true;
    if (status.workOffline) return false;
    const { state, server, lastSeenAt } = status;
    if (state.kind === 'connecting' || state.kind === 'pulling') return true;
    // Before the first answer nothing can be said of what is there.
    return lastSeenAt === null && state.kind !== 'offline' && state.kind !== 'blocked' && server.kind !== 'unavailable';
  });
}
