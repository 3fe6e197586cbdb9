// Owns how hosts keep the device keys: as they are in a private file, or sealed with a key that the system's key store protects.
// Pure but for randomness; the key of the seal comes from Electron's safeStorage (electron-safe-key.ts).
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyVault } from './core/keys.ts';

/** Says that a stored secret is sealed, so that a host without the key can tell why it cannot read it. */
const sealMark = Buffer.from('countersign-sealed-1\n');
const nonceBytes = 12;
const tagBytes = 16;

/** Secrets as they are, in files that only their owner may read. Refuses sealed ones with what to do. */
export const privateFileVault: KeyVault = {
  name: 'a file that only you can read',
  protect: (secret) => secret,
  reveal(stored) {
    if (isSealed(stored)) {
      throw new Error(
        'it is sealed by the key store of this system: start Countersign in its own window (npm start -- --host electron)',
      );
    }
    return stored;
  },
};

/** Seals with AES-256-GCM under `key` (32 bytes). Secrets that another host stored as they are can still be read. */
export function sealingVault(key: Uint8Array, name: string): KeyVault {
  return {
    name,
    protect(secret) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([sealMark, nonce, cipher.getAuthTag(), sealed]);
    },
    reveal(stored) {
      if (!isSealed(stored)) return stored;
      const body = Buffer.from(stored).subarray(sealMark.length);
      const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, nonceBytes));
      decipher.setAuthTag(body.subarray(nonceBytes, nonceBytes + tagBytes));
      return Buffer.concat([decipher.update(body.subarray(nonceBytes + tagBytes)), decipher.final()]);
    },
  };
}

function isSealed(stored: Uint8Array): boolean {
  return Buffer.from(stored).subarray(0, sealMark.length).equals(sealMark);
}
