// Owns a profile's Ed25519 key: made once, kept through the host's vault, used to sign. Knows no database and no network.
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signedText } from '../../domain/operation.ts';
import { failed } from './failure.ts';
import { writeFileDurably } from './durable-file.ts';

/** Where a host keeps secrets: Electron's safeStorage, or nothing but the file's mode. `name` says which. */
export interface KeyVault {
  protect(secret: Uint8Array): Uint8Array;
  reveal(stored: Uint8Array): Uint8Array;
  name: string;
}

/** What a signature is made for; it serves no other use. */
export type Purpose = Parameters<typeof signedText>[0];

export interface DeviceKey {
  /** Ed25519 public key, raw 32 bytes as base64url. */
  publicKey: string;
  /** Signature over `signedText(purpose, content)`, base64url. */
  sign(purpose: Purpose, content: unknown): string;
}

/** Makes a key and stores it (mode 0600). An existing file is replaced: only for profiles that were never enrolled. */
export function createDeviceKey(file: string, vault: KeyVault): DeviceKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' });
  writeFileDurably(file, vault.protect(secret), 0o600);
  return keyOf(privateKey);
}

/** Reads a key that was stored before. @throws CommandFailure `unavailable` when it is missing or the vault cannot open it. */
export function readDeviceKey(file: string, vault: KeyVault): DeviceKey {
  try {
    const secret = vault.reveal(readFileSync(file));
    return keyOf(createPrivateKey({ key: Buffer.from(secret), format: 'der', type: 'pkcs8' }));
  } catch (error) {
    throw failed(
      'unavailable',
      `The device key in ${file} cannot be read (kept by ${vault.name}). Drafts and cached versions are untouched; nothing can be sent until the key is back.`,
      { cause: error, details: String(error) },
    );
  }
}

function keyOf(privateKey: KeyObject): DeviceKey {
  const publicKey = privateKey.export({ format: 'jwk' }).x;
  if (privateKey.asymmetricKeyType !== 'ed25519' || publicKey === undefined) throw new Error('this is no Ed25519 key');
  return {
    publicKey,
    sign: (purpose, content) =>
      sign(null, Buffer.from(signedText(purpose, content), 'utf8'), privateKey).toString('base64url'),
  };
}
