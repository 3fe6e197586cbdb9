// The worker of the bare way, in a process of its own as the real one: `bare/worker.ts ADDRESS NAMESPACE PAGE-FILE`. Says "ready".
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { dataConverter } from '../../../worker/data-converter.ts';

const [address = '', namespace = '', pageFile = ''] = process.argv.slice(2);
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address });
const workflowBundle = await bundleWorkflowCode({
  workflowsPath: join(import.meta.dirname, 'workflows.ts'),
  logger: new DefaultLogger('ERROR'),
});
const text = readFileSync(pageFile, 'utf8');
const worker = await Worker.create({
  ...{ connection, namespace, taskQueue: 'bare', workflowBundle },
  activities: { page: () => Promise.resolve(JSON.parse(text) as unknown) },
  dataConverter,
});
const running = worker.run();
process.send?.('ready');
await running;
