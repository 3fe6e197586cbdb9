// Owns an older build of the worker: today's sources with what came with workflow version 2.0.0 taken out, in a folder of its own. What is
// taken out is named, and has to be found: a test of an older worker that is today's one would show nothing.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { todaysBuild } from './worker-program.ts';

interface TakenOut {
  what: string;
  file: string;
  today: string;
  before: string;
}

const takenOut: readonly TakenOut[] = [
  {
    what: 'version 2.0.0 is known',
    file: 'domain/workflow-version.ts',
    today: `workflowVersions = ['1.0.0', '1.1.0', '1.2.0', '2.0.0'] as const`,
    before: `workflowVersions = ['1.0.0', '1.1.0', '1.2.0'] as const`,
  },
  {
    what: 'reports begin as 2.0.0',
    file: 'domain/workflow-version.ts',
    today: `newestVersion: WorkflowVersion = '2.0.0'`,
    before: `newestVersion: WorkflowVersion = '1.2.0'`,
  },
  {
    what: 'a step that fails for good is compensated',
    file: 'worker/workflows/perform.ts',
    today: '.run(() => performOrCompensate(performer, work))',
    before: `.run(async () => ({ kind: 'done' as const, note: await perform(performer, work.job) }))`,
  },
  {
    what: 'a manager can have a report moved',
    file: 'domain/operation.ts',
    today: `z.strictObject({ kind: z.literal('workflow.move'), reportId: idSchema, to: workflowVersionSchema }),`,
    before: '',
  },
];

/** What a worker consists of when it is run from its sources. */
const parts = ['domain', 'worker', 'package.json', 'package-lock.json'];

export interface OlderBuild {
  folder: string;
  remove(): void;
}

/** @throws Error that names what is not there any more. */
export function makeOlderBuild(): OlderBuild {
  for (const { what, file, today } of takenOut) {
    if (readFileSync(join(todaysBuild, file), 'utf8').split(today).length === 2) continue;
    throw new Error(`older-build.ts cannot take out that ${what}: ${file} does not hold, once, ${today}`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'countersign-older-'));
  for (const part of parts) cpSync(join(todaysBuild, part), join(folder, part), { recursive: true });
  symlinkSync(join(todaysBuild, 'node_modules'), join(folder, 'node_modules'));
  for (const { file, today, before } of takenOut) {
    const text = readFileSync(join(folder, file), 'utf8');
    writeFileSync(
      join(folder, file),
      text.replace(today, () => before),
    );
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
