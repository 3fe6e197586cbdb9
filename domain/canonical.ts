// Owns the one byte form of data that is hashed or signed. Knows nothing about what the data means.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Anything that JSON can carry without loss. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * Canonical JSON after RFC 8785: no white space, keys in UTF-16 order, numbers as ECMAScript prints them.
 * Keys whose value is `undefined` are left out, as JSON.stringify does.
 * @throws TypeError for what JSON cannot carry: NaN, infinities, functions, bigints.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`canonical JSON cannot carry the number ${value}`);
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `[${value.map(canonicalJson).join(',')}]` : canonicalObject(value);
    default:
      throw new TypeError(`canonical JSON cannot carry a ${typeof value}`);
  }
}

function canonicalObject(value: object): string {
  const record = value as Record<string, unknown>;
  let members = '';
  // The sort's own order is that of UTF-16 code units.
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

/** SHA-256 of UTF-8 text, 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** The hash that names a piece of content: SHA-256 of its canonical JSON, 64 hex digits. */
export function contentHash(content: unknown): string {
  return sha256Hex(canonicalJson(content));
}
