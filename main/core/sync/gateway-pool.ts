// Owns the one connection that all profiles of a data folder share. Knows nothing of what is sent over it.
import { connect as connectToServer } from './gateway.ts';
import type { Gateway, GatewayTarget } from './gateway.ts';
import type { Answered } from './link-fault.ts';

export interface GatewayPool {
  /** The open connection to that address, or a new one. */
  get(target: GatewayTarget, signal: AbortSignal): Promise<Answered<Gateway>>;
  /** After a call failed: the next `get` connects anew. */
  discard(gateway: Gateway): void;
  close(): Promise<void>;
}

export function createGatewayPool(connect: typeof connectToServer = connectToServer): GatewayPool {
  let open: { address: string; opening: Promise<Answered<Gateway>>; give: AbortController } | null = null;
  const closing = new Set<Promise<void>>();

  const drop = (entry: NonNullable<typeof open>): void => {
    if (open === entry) open = null;
    entry.give.abort();
    const closed = entry.opening.then((answer) => (answer.ok ? answer.value.close() : undefined));
    closing.add(closed);
    void closed.finally(() => closing.delete(closed));
  };
  const opening = (target: GatewayTarget): NonNullable<typeof open> => {
    // A caller that gives up must not take the others' connection with it, so each has its own signal.
    const give = new AbortController();
    return { address: target.address, opening: connect(target, give.signal), give };
  };
  return {
    async get(target, signal) {
      if (open && open.address !== target.address) drop(open);
      const isNew = open === null;
      open ??= opening(target);
      const entry = open;
      const answer = await untilAborted(entry.opening, signal);
      if (!answer.ok) {
        if (open === entry && answer.fault.kind !== 'cancelled') open = null;
        return answer;
      }
      if (isNew) return answer;
      // A connection that is kept says nothing about who does the work now.
      const worker = await answer.value.checkWorker(signal);
      if (worker.ok) return answer;
      if (worker.fault.kind !== 'no-worker' && open === entry) drop(entry);
      return worker;
    },
    discard(gateway) {
      const entry = open;
      void entry?.opening.then((answer) => {
        if (answer.ok && answer.value === gateway && open === entry) drop(entry);
      });
    },
    async close() {
      if (open) drop(open);
      await Promise.allSettled(closing);
    },
  };
}

async function untilAborted(opening: Promise<Answered<Gateway>>, signal: AbortSignal): Promise<Answered<Gateway>> {
  if (signal.aborted) return { ok: false, fault: { kind: 'cancelled', message: 'cancelled' } };
  const aborted = Promise.withResolvers<Answered<Gateway>>();
  const onAbort = (): void => aborted.resolve({ ok: false, fault: { kind: 'cancelled', message: 'cancelled' } });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([opening, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
