// A laptop as a process of its own: it works, syncs, and ends itself with SIGKILL at a named step. Run by sync-kill.server.test.ts.
// argv: data folder, server address, report ids with commas, step, how many times the step is passed before, operations to queue.
import type { OperationBody } from '../../../../domain/operation.ts';
import { coreOn, saidServer } from '../core-world.ts';

const [dataDir = '', address = '', reportIds = '', killAt = '', passes = '0', operations = '0'] = process.argv.slice(2);
let left = Number(passes);

const core = coreOn(dataDir, {
  profile: 'mara',
  server: saidServer({ kind: 'ready', address }),
  timing: { maxDelayMs: 500, resendAfterMs: 1_000, unknownAtMostMs: 500, longPollMs: 2_000 },
  step(name) {
    if (name !== killAt) return;
    left -= 1;
    if (left < 0) process.kill(process.pid, 'SIGKILL');
  },
});
const session = core.session('mara');
const body = (count: number): OperationBody => ({
  kind: 'assignment.set',
  reportId: reportIds.split(',')[count % 2] ?? '',
  personId: 'lena',
  role: 'test-lead',
  assigned: count % 4 < 2,
});
for (let count = 0; count < Number(operations); count += 1) session.queue([body(count)]);
const status = await session.sync.untilDelivered(60_000);
console.log(JSON.stringify({ state: status.state, counts: status.counts }));
await core.close();
process.exit(0);
