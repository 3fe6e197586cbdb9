// A laptop whose disk is full: run with a limit on the size of files. Decides until it cannot be saved, and prints what it was told.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openApplication } from '../../../../main/core/application.ts';
import { sampleThings, versionId } from '../../../bench/cached-laptop.ts';
import { coreOptions } from '../core-world.ts';
import { asShown } from '../desk-builder.ts';

const folder = process.argv[2] ?? '';
const application = await openApplication(coreOptions(folder, { profile: 'olga' }));
const error = (result: { ok: true } | { ok: false; error: unknown }): unknown => (result.ok ? null : result.error);

let confirmed = 0;
let decision: unknown = null;
for (const thing of sampleThings(400).slice(5)) {
  const decided = { ...asShown(thing, 'rejected') };
  const input = { versionId, decisions: [{ ...decided, decision: { ...decided.decision, note: 'n'.repeat(9_000) } }] };
  decision = error(await application.invoke('decision:record', input));
  if (decision !== null) break;
  confirmed += 1;
}
const preference = error(await application.invoke('preference:set', { name: 'large', value: 'v'.repeat(100_000) }));

async function* endless(): AsyncIterable<Uint8Array> {
  for (let piece = 0; piece < 400; piece += 1) yield Buffer.alloc(64 * 1024, 0x61);
}
const meta = { fileName: 'a.csv', totalBytes: null, reportId: 'report-1' };
const received = error(await application.receive(meta, endless(), new AbortController().signal));
const left = readdirSync(join(folder, 'incoming'));
await application.close();
process.stdout.write(JSON.stringify({ confirmed, decision, preference, received, left }));
