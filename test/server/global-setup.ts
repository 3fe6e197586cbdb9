// Starts the one server that all *.server.test.ts share: `inject('temporalAddress')`. Each test takes a task queue and ids of its own.
import type { TestProject } from 'vitest/node';
import { preparedTemporalPath } from '../temporal-server.ts';
import { startTestTemporal } from './temporal.ts';

export default async function startServer(project: TestProject): Promise<() => Promise<void>> {
  const temporalPath = await preparedTemporalPath();
  const server = await startTestTemporal({ binary: temporalPath });
  project.provide('temporalPath', temporalPath);
  project.provide('temporalAddress', server.address);
  return () => server.stop();
}
