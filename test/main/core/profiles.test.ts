// Keys, profiles and the data folder, on a real disk.
import { createPublicKey, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signedText } from '../../../domain/operation.ts';
import { lockDataFolder, pathsOf, prepareDataFolder } from '../../../main/core/data-folder.ts';
import { CommandFailure } from '../../../main/core/failure.ts';
import { readDeviceKey } from '../../../main/core/keys.ts';
import {
  ensureProfile,
  listProfiles,
  openProfileKey,
  profileFiles,
  readSettings,
  writeSettings,
} from '../../../main/core/profiles.ts';
import { privateFileVault } from '../../../main/vaults.ts';

let dataDir = '';
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'countersign-core-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

function failureOf(run: () => unknown): { kind: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof CommandFailure) return error.failure;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('a profile', () => {
  test('keeps its device and its key over restarts', () => {
    const made = ensureProfile(dataDir, 'olga', privateFileVault);
    const again = ensureProfile(dataDir, 'olga', privateFileVault);
    expect(again).toEqual(made);
    expect(openProfileKey(dataDir, again, privateFileVault).publicKey).toBe(made.publicKey);
    expect(listProfiles(dataDir).map((profile) => profile.personId)).toEqual(['olga']);
  });

  test('signs so that its public key, and no other, verifies it', () => {
    const olga = openProfileKey(dataDir, ensureProfile(dataDir, 'olga', privateFileVault), privateFileVault);
    const tara = openProfileKey(dataDir, ensureProfile(dataDir, 'tara', privateFileVault), privateFileVault);
    const content = { b: 1, a: 'ä' };
    const signature = Buffer.from(olga.sign('pull', content), 'base64url');
    const verifies = (publicKey: string, text: string) =>
      verify(
        null,
        Buffer.from(text),
        createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' }),
        signature,
      );
    expect(verifies(olga.publicKey, signedText('pull', content))).toBe(true);
    expect(verifies(tara.publicKey, signedText('pull', content))).toBe(false);
    expect(verifies(olga.publicKey, signedText('operation', content))).toBe(false);
  });

  test('keeps its key in a file that only its owner may read', () => {
    ensureProfile(dataDir, 'olga', privateFileVault);
    expect(statSync(profileFiles(dataDir, 'olga').key).mode & 0o777).toBe(0o600);
  });

  test('protects its key with the vault of its host', () => {
    const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x5a);
    const vault = { protect: flip, reveal: flip, name: 'a test' };
    const profile = ensureProfile(dataDir, 'olga', vault);
    const { key } = profileFiles(dataDir, 'olga');
    expect(() => readDeviceKey(key, privateFileVault)).toThrow(CommandFailure);
    expect(readDeviceKey(key, vault).publicKey).toBe(profile.publicKey);
    expect(readFileSync(key).includes(Buffer.from(profile.publicKey, 'base64url'))).toBe(false);
  });

  test('whose key was exchanged is refused', () => {
    const olga = ensureProfile(dataDir, 'olga', privateFileVault);
    ensureProfile(dataDir, 'tara', privateFileVault);
    writeFileSync(profileFiles(dataDir, 'olga').key, readFileSync(profileFiles(dataDir, 'tara').key));
    expect(failureOf(() => openProfileKey(dataDir, olga, privateFileVault)).message).toContain('is not the one');
  });

  test.each(['', 'Olga', '../olga', 'a/b', 'x'.repeat(65)])('named %j is refused', (name) => {
    expect(failureOf(() => ensureProfile(dataDir, name, privateFileVault)).kind).toBe('bad-input');
  });
});

test('settings survive, and unreadable ones count as none', () => {
  writeSettings(dataDir, { activeProfile: 'olga', workOffline: true });
  expect(readSettings(dataDir)).toEqual({ activeProfile: 'olga', workOffline: true });
  writeFileSync(pathsOf(dataDir).settings, '{');
  expect(readSettings(dataDir)).toEqual({ workOffline: false });
});

describe('the data folder', () => {
  test('is used by one application at a time, and is free after it', () => {
    const lock = lockDataFolder(dataDir);
    expect(failureOf(() => lockDataFolder(dataDir))).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(`pid ${process.pid}`) as string,
    });
    lock.release();
    lock.release();
    lockDataFolder(dataDir).release();
  });

  test.each([
    ['a process that is gone', JSON.stringify({ pid: 2 ** 22 - 1, startedAt: 'long ago', token: 'x' })],
    [
      'a process whose pid was given to another',
      JSON.stringify({ pid: process.pid, startedAt: 'long ago', token: 'x' }),
    ],
    ['half a file', '{"pid": 1'],
  ])('is taken over from %s', (_what, content) => {
    writeFileSync(pathsOf(dataDir).lock, content);
    const lock = lockDataFolder(dataDir);
    expect(JSON.parse(readFileSync(pathsOf(dataDir).lock, 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
  });

  test('that is a file says so with its path', () => {
    const file = join(dataDir, 'taken');
    writeFileSync(file, '');
    expect(failureOf(() => prepareDataFolder(file))).toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(file) as string,
    });
  });

  test('that may not be written says so with its path', (context) => {
    if (process.getuid?.() === 0) context.skip('the superuser may write everywhere');
    chmodSync(dataDir, 0o500);
    expect(failureOf(() => prepareDataFolder(dataDir))).toMatchObject({ kind: 'unavailable' });
    chmodSync(dataDir, 0o700);
  });
});
