// A disk with no room at all: the folder cannot even be locked. It is said with the folder and what to do, and goes by itself.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../main/cli.ts', import.meta.url));
let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'countersign-full-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

test('a call on a full disk ends with 1 and says what to do; with room again it works', (context) => {
  if (process.platform === 'win32') context.skip('there is no limit on the size of files on Windows');
  const call = (limit: string) => {
    const command = `${limit} exec "${process.execPath}" "${program}" call home:get --data "${data}"`;
    // To a pipe, which the limit does not concern.
    return spawnSync('/bin/bash', ['-c', command], { encoding: 'utf8' });
  };
  const full = call('ulimit -f 0 &&');
  expect(full.status).toBe(1);
  expect(JSON.parse(full.stdout)).toMatchObject({
    ok: false,
    error: {
      kind: 'unavailable',
      message: expect.stringMatching(
        new RegExp(`^The data folder ${data} cannot be locked: .*Make room on its disk .*--data\\.$`, 'u'),
      ) as string,
    },
  });
  expect(call('').status).toBe(0);
});
