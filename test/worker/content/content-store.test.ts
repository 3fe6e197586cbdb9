// Files handed in: in chunks, resumed, by path; and everything that is turned away.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { uploadLimitBytes } from '../../../domain/change.ts';
import { openContents } from '../../../worker/content/content-store.ts';
import type { ContentStore } from '../../../worker/content/content-store.ts';
import { openTestStore, withReport } from '../../builders.ts';
import type { Laptop, TestStore } from '../../builders.ts';

let test: TestStore;
let reportId: string;
let contents: ContentStore;
let dataDir: string;
let handoverDir: string;
const bytes = Buffer.from('ID,LIMIT_BAL\n1,100\n2,200\n');
const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');
const fileHash = sha256(bytes);

beforeEach(async () => {
  test = await openTestStore();
  reportId = await withReport(test);
  dataDir = join(test.dir, 'contents');
  handoverDir = join(test.dir, 'incoming');
  mkdirSync(handoverDir);
  contents = openContents({ store: test.store, dataDir, handoverDir });
});
afterEach(() => test.close());

const named = { fileHash, fileSize: bytes.length };
function chunk(from: number, to: number, over: object = {}, by: Laptop = test.laptops.tara) {
  const part = bytes.subarray(from, to);
  const signed = { kind: 'chunk' as const, offset: from, chunkHash: sha256(part) };
  return by.upload({ reportId, ...named, part: signed, ...over }, part);
}
const ask = () => test.laptops.tara.upload({ reportId, ...named, part: { kind: 'ask' } });
const hand = (path: string, over: object = {}) =>
  test.laptops.tara.upload({ reportId, ...named, part: { kind: 'path', path }, ...over });

it('takes a file in chunks, repeated and out of order ones too, and goes on after a restart', async () => {
  expect(await contents.receive(ask())).toEqual({ kind: 'received', receivedBytes: 0, complete: false });
  await contents.receive(chunk(0, 10));
  expect(await contents.receive(chunk(15, 20))).toMatchObject({ receivedBytes: 10 });
  expect(await contents.receive(chunk(0, 10))).toMatchObject({ receivedBytes: 10 });
  contents = openContents({ store: test.store, dataDir });
  expect(await contents.receive(ask())).toMatchObject({ receivedBytes: 10, complete: false });
  expect(await contents.pathOf(fileHash)).toBeNull();
  const last = { kind: 'received', receivedBytes: bytes.length, complete: true };
  expect(await contents.receive(chunk(10, bytes.length))).toEqual(last);
  expect(await contents.receive(ask())).toEqual(last);
  expect(readFileSync((await contents.pathOf(fileHash)) ?? '')).toEqual(bytes);
  expect(readdirSync(dataDir)).toEqual([fileHash]);
});

it('takes the documents of a data owner too', async () => {
  expect(await contents.receive(chunk(0, bytes.length, {}, test.laptops.dana))).toMatchObject({ complete: true });
});

it('lets chunks of one file that arrive at once wait for each other', async () => {
  await Promise.all([contents.receive(chunk(0, 10)), contents.receive(chunk(10, bytes.length))]);
  expect(await contents.pathOf(fileHash)).not.toBeNull();
});

it('throws away a file that turns out to be another, and takes the right one afterwards', async () => {
  const wrong = Buffer.from('x'.repeat(bytes.length));
  const part = { kind: 'chunk' as const, offset: 0, chunkHash: sha256(wrong) };
  const signed = test.laptops.tara.upload({ reportId, ...named, part }, wrong);
  expect(await contents.receive(signed)).toMatchObject({ kind: 'refused', code: 'hash-differs' });
  expect(readdirSync(dataDir)).toEqual([]);
  expect(await contents.receive(chunk(0, bytes.length))).toMatchObject({ complete: true });
});

it('takes over a file by path once its hash is what was said', async () => {
  const path = join(handoverDir, 'rows.csv');
  writeFileSync(path, bytes);
  expect(await contents.receive(hand(path))).toMatchObject({ complete: true });
  expect(readFileSync((await contents.pathOf(fileHash)) ?? '')).toEqual(bytes);
  expect(await contents.receive(hand(path))).toMatchObject({ complete: true });
});

const paths: [string, () => string][] = [
  ['outside of the folder', () => join(test.dir, 'store.db')],
  ['out of the folder by dots', () => join(handoverDir, '..', 'store.db')],
  [
    'out of the folder by a symbolic link',
    () => {
      writeFileSync(join(test.dir, 'secret'), bytes);
      symlinkSync(join(test.dir, 'secret'), join(handoverDir, 'link'));
      return join(handoverDir, 'link');
    },
  ],
  ['that is the folder', () => handoverDir],
  ['that does not exist', () => join(handoverDir, 'none')],
  ['with a zero byte', () => `${handoverDir}/a\u0000b`],
];
it.each(paths)('takes nothing over from a path %s', async (_name, path) => {
  expect(await contents.receive(hand(path()))).toMatchObject({ kind: 'refused', code: 'path-not-allowed' });
  expect(readdirSync(dataDir)).toEqual([]);
});

it('takes nothing over by path when no folder was agreed, and no file whose hash differs', async () => {
  const path = join(handoverDir, 'rows.csv');
  writeFileSync(path, 'something else');
  expect(await contents.receive(hand(path))).toMatchObject({ code: 'hash-differs' });
  contents = openContents({ store: test.store, dataDir });
  expect(await contents.receive(hand(path))).toMatchObject({ code: 'path-not-allowed' });
  expect(readdirSync(dataDir)).toEqual([]);
});

const refusals: [string, () => unknown, string][] = [
  ['the report owner', () => chunk(0, 10, {}, test.laptops.olga), 'not-assigned'],
  ['somebody who is not assigned', () => chunk(0, 10, {}, test.laptops.nina), 'not-assigned'],
  ['for a report that does not exist', () => chunk(0, 10, { reportId: 'report-none' }), 'not-assigned'],
  ['with a forged signature', () => ({ ...chunk(0, 10), signature: 'AAAA' }), 'bad-signature'],
  ['a chunk that is not the signed one', () => ({ ...chunk(0, 10), chunk: 'AAAA' }), 'hash-differs'],
  ['a file above the limit', () => chunk(0, 10, { fileSize: uploadLimitBytes + 1 }), 'too-large'],
  ['a chunk beyond the end', () => chunk(0, 10, { fileSize: 5 }), 'too-large'],
  ['nonsense', () => ({ upload: 1 }), 'bad-signature'],
  ['a hash that is a path', () => chunk(0, 10, { fileHash: '../../store.db' }), 'bad-signature'],
];
it.each(refusals)('refuses %s', async (_name, make, code) => {
  expect(await contents.receive(make())).toMatchObject({ kind: 'refused', code });
  expect(readdirSync(dataDir)).toEqual([]);
});
