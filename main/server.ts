// Owns which Temporal server a host offers to the core: the embedded one of this data folder, an external one, or none.
// Knows no client of it.
import type { ServerState } from '../preload/contract.ts';
import type { ServerControl } from './core/server-control.ts';
import { createSolo } from './embedded/solo.ts';
import type { SoloOptions, SoloState } from './embedded/solo.ts';

/** The external server when TEMPORAL_ADDRESS names one, else an embedded one that is not started yet. */
export function serverFor(options: SoloOptions): ServerControl {
  const address = (options.env ?? process.env)['TEMPORAL_ADDRESS'];
  return address ? externalServer(address) : embeddedServer(options);
}

/** A server that somebody else runs: it can be neither started nor stopped here. */
export function externalServer(address: string): ServerControl {
  return unchangingServer({ kind: 'external', address });
}

/** For a terminal's command that needs no server: none is started for it. */
export function noServer(): ServerControl {
  return unchangingServer({ kind: 'stopped' });
}

function unchangingServer(state: ServerState): ServerControl {
  return {
    state: () => state,
    subscribe: () => () => undefined,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    cancelPreparation: () => undefined,
  };
}

function embeddedServer(options: SoloOptions): ServerControl {
  const solo = createSolo(options);
  return {
    state: () => serverStateOf(solo.state()),
    subscribe: (listener) => solo.onState((state) => listener(serverStateOf(state))),
    start() {
      solo.start();
      return Promise.resolve();
    },
    stop: () => solo.stop(),
    cancelPreparation: () => solo.cancelPreparation(),
  };
}

const partNames = { server: 'the server', worker: 'the worker' } as const;

/** The embedded parts' state in the contract's words. */
export function serverStateOf(state: SoloState): ServerState {
  switch (state.kind) {
    case 'stopped':
      return { kind: 'stopped' };
    case 'preparing': {
      const { elapsedMs, expectedMs, cancellable } = state;
      return { kind: 'preparing', step: state.detail || state.step, elapsedMs, expectedMs, cancellable };
    }
    case 'starting':
      return { kind: 'starting', what: partNames[state.part] };
    case 'ready':
      return { kind: 'ready', address: state.address };
    case 'restarting':
      return { kind: 'restarting', what: partNames[state.part], reason: state.reason, nextTryAt: state.nextTryAt };
    case 'unavailable':
      return { kind: 'unavailable', reason: state.reason, howToGet: [...state.howToGet] };
  }
}
