// The payload codec both sides share: what is packed, what passes, what happens to damaged bytes.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { expect, test } from 'vitest';
import { gzipCodec, packFromBytes } from '../../domain/gzip-codec.ts';

const codec = gzipCodec({ gzip: promisify(gzip), gunzip: promisify(gunzip) });
const bytes = (text: string) => new TextEncoder().encode(text);
const payload = (text: string) => ({
  metadata: { encoding: bytes('json/plain'), other: bytes('kept') },
  data: bytes(text),
});

test('a large payload is packed and comes back with its encoding and other metadata', async () => {
  const large = payload(JSON.stringify({ text: 'a'.repeat(5_000) }));
  const packed = await codec.encode([large]);
  expect(packed[0]?.data?.length).toBeLessThan(200);
  expect(await codec.decode(packed)).toEqual([{ ...large, data: expect.anything() }]);
  const [back] = await codec.decode(packed);
  expect(new TextDecoder().decode(back?.data ?? bytes(''))).toBe(new TextDecoder().decode(large.data));
});

test('a small payload and one without data pass as they are, both ways', async () => {
  const small = [payload('x'.repeat(packFromBytes - 1)), { metadata: { encoding: bytes('binary/null') } }];
  expect(await codec.encode(small)).toEqual(small);
  expect(await codec.decode(small)).toEqual(small);
});

test('a packed payload that was damaged passes as it is, so that a bad signal cannot stop a workflow', async () => {
  const [packed] = await codec.encode([payload('b'.repeat(5_000))]);
  const damaged = { ...packed, data: bytes('no gzip at all') };
  expect(await codec.decode([damaged])).toEqual([damaged]);
});
