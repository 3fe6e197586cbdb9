// Owns how this worker packs payloads: the codec that both sides share, with Node's gzip. Knows no payload's meaning.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { DataConverter } from '@temporalio/common';
import { gzipCodec } from '../domain/gzip-codec.ts';

/** A payload has at most 2 MB on the server; what unpacks to more than this is an attack, not a page. */
const unpackedLimitBytes = 64 * 1024 * 1024;
const pack = promisify(gzip);
const unpack = promisify(gunzip);

export const dataConverter: DataConverter = {
  payloadCodecs: [
    gzipCodec({
      gzip: (bytes) => pack(bytes),
      gunzip: (bytes) => unpack(bytes, { maxOutputLength: unpackedLimitBytes }),
    }),
  ],
};
