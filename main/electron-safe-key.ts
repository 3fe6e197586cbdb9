// Owns the key that seals device keys: 32 random bytes in a file, protected by the system's key store through safeStorage.
// Refuses key stores that protect nothing. Knows no device key.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SafeStorage } from 'electron';
import { writeFileDurably } from './core/durable-file.ts';

export type SafeKey = { kind: 'sealed'; key: Uint8Array; name: string } | { kind: 'refused'; reason: string };

type Store = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

/**
 * The sealing key of a data folder, made the first time. `refused`: there is no key store worth the name; secrets then stay in files that
 * only their owner can read. @throws Error when there is a key and the key store does not open it: nothing is made anew over it.
 */
export async function safeKeyOf(file: string, store: Store, platform: NodeJS.Platform): Promise<SafeKey> {
  const reason = await whyNoStore(store, platform);
  const stored = readIfThere(file);
  if (reason !== null) {
    if (stored !== null) throw new Error(`The key in ${file} was sealed by this system's key store, and ${reason}.`);
    return { kind: 'refused', reason };
  }
  const name =
    platform === 'linux' ? `this system's key store (${store.getSelectedStorageBackend()})` : "this system's key store";
  if (stored !== null) return { kind: 'sealed', key: await openKey(file, stored, store), name };
  const key = randomBytes(32);
  writeFileDurably(file, await store.encryptStringAsync(key.toString('base64')));
  return { kind: 'sealed', key, name };
}

async function openKey(file: string, stored: Buffer, store: Store): Promise<Uint8Array> {
  const { result, shouldReEncrypt } = await store.decryptStringAsync(stored);
  const key = Buffer.from(result, 'base64');
  if (key.length !== 32) throw new Error(`The key in ${file} is damaged.`);
  if (shouldReEncrypt) writeFileDurably(file, await store.encryptStringAsync(result));
  return key;
}

async function whyNoStore(store: Store, platform: NodeJS.Platform): Promise<string | null> {
  if (!(await store.isAsyncEncryptionAvailable())) return 'the key store is not available';
  // Chromium then encrypts with a password that is in its source.
  if (platform === 'linux' && store.getSelectedStorageBackend() === 'basic_text')
    return 'there is no key store on this desktop';
  return null;
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
