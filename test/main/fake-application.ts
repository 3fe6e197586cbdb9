// Owns an Application for tests of hosts alone: it answers with what it was asked and counts the bytes of files. Knows no core.
import type { CoreEvent, Result } from '../../preload/contract.ts';
import type { Application } from '../../main/core/application.ts';

export interface FakeApplication extends Application {
  asked: { name: string; input: unknown; profile: string | undefined }[];
  received: {
    fileName: string;
    totalBytes: number | null;
    reportId: string;
    bytes: number;
    ended: 'whole' | 'aborted';
  }[];
  tell(event: CoreEvent): void;
  listeners(): number;
  /** Bytes of all files so far, of unfinished ones too. */
  receivedBytes(): number;
}

export function fakeApplication(): FakeApplication {
  const listeners = new Set<(event: CoreEvent) => void>();
  const asked: FakeApplication['asked'] = [];
  const received: FakeApplication['received'] = [];
  let receivedBytes = 0;
  return {
    solo: true,
    practiceDir: '/data/practice',
    asked,
    received,
    tell: (event) => listeners.forEach((listener) => listener(event)),
    listeners: () => listeners.size,
    receivedBytes: () => receivedBytes,
    invoke(name, input, as): Promise<Result<unknown>> {
      asked.push({ name, input, profile: as?.profile });
      return Promise.resolve({ ok: true, value: { name, input } });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async receive(meta, body, signal) {
      let bytes = 0;
      try {
        for await (const chunk of body) {
          bytes += chunk.length;
          receivedBytes += chunk.length;
        }
      } catch (error) {
        received.push({ ...meta, bytes, ended: 'aborted' });
        return { ok: false, error: { kind: 'cancelled', message: String(error) } };
      }
      received.push({ ...meta, bytes, ended: signal.aborted ? 'aborted' : 'whole' });
      return { ok: true, value: { importId: 'import-1' } };
    },
    close: () => Promise.resolve(),
  };
}
