// `npm run histories [-- NAME …]`: records histories anew, all or those of the named scenarios (`signed`, `1.0.0`, `1.0.0/signed`), and
// prints what there is then. A scenario that fails keeps its old histories; the command ends with 1.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { summaryLines } from './history-files.ts';

const root = join(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const args = [vitest, 'run', '--config', 'test/histories/vitest.config.ts'];
const env = { ...process.env, HISTORIES: process.argv.slice(2).join(' ') };
const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env });
const [code] = (await once(child, 'exit')) as [number | null];
console.log(summaryLines().join('\n'));
process.exitCode = code ?? 1;
