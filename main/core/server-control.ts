// Owns what the core may ask of a Temporal server: state, start, stop. How a server is made is the host's.
import type { ServerState } from '../../preload/contract.ts';
import type { GatewayTarget } from './sync/gateway.ts';

/** The server that a host runs, or the external one it was pointed at (which cannot be started or stopped). */
export interface ServerControl {
  state(): ServerState;
  subscribe(listener: (state: ServerState) => void): () => void;
  /** Prepares and starts; resolves when that was begun or is done. Harmless when it runs already. */
  start(): Promise<void>;
  stop(): Promise<void>;
  cancelPreparation(): void;
}

/** Where to connect to, or null while there is nothing to connect to. */
export function targetOfServer(state: ServerState): GatewayTarget | null {
  if (state.kind === 'external') return { kind: 'environment', address: state.address };
  return state.kind === 'ready' ? { kind: 'embedded', address: state.address } : null;
}

/** One sentence on why there is nothing to connect to. */
export function whyNoServer(state: ServerState): string {
  switch (state.kind) {
    case 'preparing':
      return `The server is being prepared: ${state.step}`;
    case 'starting':
      return `The server is starting: ${state.what}`;
    case 'restarting':
      return `The server is being restarted (${state.what}): ${state.reason}`;
    case 'unavailable':
      return `There is no server on this machine: ${state.reason}`;
    case 'stopped':
      return 'The server is stopped';
    case 'ready':
    case 'external':
      return '';
  }
}
